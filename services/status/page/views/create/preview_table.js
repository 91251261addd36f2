// The first rows of a file as a table: what is wrong stands in its cell, pictures are shown when somebody asks.

import { bdi, div, h, h3, span, tr } from "../../element.js";
import { keepingFocus } from "../../focus.js";
import { number } from "../../format.js";
import { addressesIn } from "../../sending/addresses_in.js";
import { words } from "../../words/words.js";
import { button } from "../button.js";
import { heading, scrollingTable } from "../scrolling_table.js";
import { problemOf } from "./error_table.js";

const PICTURES_EACH = 4;
const SHOWN_CHARACTERS = 160;

/** @param {Api.Verdict} verdict @param {string} filename */
export function previewTable(verdict, filename) {
	const said = words.create.preview;
	const { columns } = verdict.dialect;
	const rows = verdict.first_rows;
	const places = rows.map(() => h("td", { class: "pictures", hidden: true }));
	const pictureHead = h("th", { scope: "col", hidden: true }, words.request.gallery.title);
	const lines = rows.map((row, at) =>
		tr(
			"",
			h("th", { scope: "row", class: "number" }, number(row.row)),
			places[at],
			columns.map((column, place) => cell(verdict, row, column, place)),
		),
	);
	const show = button("link", said.pictures, () => {
		for (const [at, row] of rows.entries()) showPictures(/** @type {HTMLElement} */ (places[at]), verdict, row);
		pictureHead.hidden = false;
		keepingFocus(offer, () => offer.remove(), table);
	});
	const offer = span("small quiet", show, " ", said.picturesHint);
	const heads = columns.map((column) =>
		h("th", { scope: "col", class: isImages(verdict, column) && "wide" }, bdi("", column)),
	);
	const table = scrollingTable(
		`${said.title}: ${filename}`,
		[heading(said.row), pictureHead, ...heads],
		lines,
		"preview",
	);
	return div("stack tight", div("row apart", h3("", said.title), offer), table);
}

/** @param {Api.Verdict} verdict @param {Api.ShownRow} row @param {string} column @param {number} place */
function cell(verdict, row, column, place) {
	const text = row.cells[place] ?? "";
	const wrong = verdict.errors.filter((error) => error.row === row.row && error.column === column);
	const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
	return h(
		"td",
		{ class: wrong.length > 0 && "wrong" },
		bdi("name", shown),
		wrong.map((error) => span("hint", problemOf(error))),
	);
}

/** @param {Api.Verdict} verdict @param {string} column */
const isImages = (verdict, column) => verdict.mapping.image_urls.includes(column);

/** @param {HTMLElement} place @param {Api.Verdict} verdict @param {Api.ShownRow} row */
function showPictures(place, verdict, row) {
	const cells = verdict.dialect.columns.flatMap((column, at) =>
		isImages(verdict, column) ? [row.cells[at] ?? ""] : [],
	);
	const addresses = cells.flatMap(addressesIn).slice(0, PICTURES_EACH);
	place.append(...addresses.map((address, at) => picture(address, words.create.preview.picture(row.row, at + 1))));
	place.hidden = false;
}

/** @param {string} address @param {string} alt */
function picture(address, alt) {
	const image = h("img", { src: address, alt, loading: "lazy", width: 56, height: 56 });
	image.addEventListener("error", () => image.replaceWith(span("quiet small", words.create.preview.noPicture)));
	return image;
}
