// The pictures of a request, a few pages of them at a time, and each one large beside what it was.

import { nameOf, ownAddress } from "../../api/addresses.js";
import { isAborted } from "../../api/problem.js";
import { listImages } from "../../api/requests.js";
import { bdi, div, fill, h, h2, icon, li, p, section, span, ul } from "../../element.js";
import { fromTo, pixels } from "../../format.js";
import { PICTURE } from "../../icons.js";
import { words } from "../../words/words.js";
import { button } from "../button.js";
import { failure } from "../failure.js";
import { tabs } from "../tabs.js";
import { compare, isThin } from "./compare.js";
import { WindowOfPages } from "./window_of_pages.js";

const PAGE = 60;

/** @param {string} id */
export function gallery(id) {
	const said = words.request.gallery;
	const stop = new AbortController();
	const place = div("");
	let filter = "done";
	/** @type {WindowOfPages<Api.Image> | null} */
	let pages = null;

	function load() {
		pages?.end();
		const state = filter === "all" ? undefined : filter;
		const shown = new WindowOfPages({
			read: async (cursor) => {
				const page = await listImages(id, { state, cursor, limit: PAGE }, stop.signal);
				if (cursor === null && page.items.length === 0) fill(place, nothing());
				return page;
			},
			draw: (/** @type {Api.Image[]} */ items) => grid(items, (image) => compare(image, { find: neighbour, isThere })),
			fail: (error) => {
				if (!isAborted(error)) fill(place, failure(error, load));
			},
		});
		pages = shown;
		fill(place, shown.place);
		shown.settle();
	}

	/**
	 * The picture before or after another, also where it has to be loaded first.
	 * @param {Api.Image} image
	 * @param {1 | -1} step
	 * @returns {Promise<Api.Image | null>}
	 */
	async function neighbour(image, step) {
		const found = besides(image, step);
		if (found !== null) return found;
		await (step > 0 ? pages?.forward() : pages?.back());
		return besides(image, step);
	}

	/** @param {Api.Image} image @param {1 | -1} step */
	function besides(image, step) {
		const items = (pages?.items ?? []).filter(({ state }) => state === "done");
		const at = items.findIndex(({ id: each }) => each === image.id);
		return at < 0 ? null : (items[at + step] ?? null);
	}

	/** @param {Api.Image} image @param {1 | -1} step */
	const isThere = (image, step) => besides(image, step) !== null || pages?.goesOn(step) === true;

	const filters = tabs(said.filter, said.filters, filter, (chosen) => {
		filter = chosen;
		load();
	});
	return {
		place: section("stack gallery", div("row apart", h2("", said.title), filters.place), place),
		/** Of what there is none, the other is shown. @param {Api.Request["counts"]} counts */
		show({ done, failed }) {
			if (filter === "done" && done === 0 && failed > 0) filters.choose("failed");
			else if (filter === "failed" && failed === 0) filters.choose("done");
			else load();
		},
		end: () => {
			stop.abort();
			pages?.end();
		},
	};
}

const nothing = () => div("empty", icon(PICTURE), p("", words.request.gallery.none));

/** @param {Api.Image[]} images @param {(image: Api.Image) => void} open */
export function grid(images, open) {
	return ul(
		"tiles",
		images.map((image) => li("", image.state === "done" ? picture(image, open) : other(image))),
	);
}

/** @param {Api.Image} image @param {(image: Api.Image) => void} open */
function picture(image, open) {
	const said = words.request.gallery;
	const shown = h("img", {
		src: ownAddress(image.output_url ?? ""),
		alt: "",
		loading: "lazy",
		decoding: "async",
		class: isThin(image) ? "thin" : null,
	});
	shown.addEventListener("error", () => shown.replaceWith(icon(PICTURE))); // not every browser shows a TIFF
	const parts = [
		span("unseen", `${said.open(image.ordinal + 1)}: `),
		span("thumb", shown),
		bdi("tile-name", nameOf(image.input_url)),
		span("quiet small number", sizesOf(image)),
		isThin(image) && span("quiet small number", pixels(image)),
	];
	return button("tile", parts, () => open(image));
}

/** @param {Api.Image} image */
function sizesOf({ bytes_in: before, bytes_out: after }) {
	if (before === null || after === null) return "";
	return before === after ? words.request.gallery.same : fromTo(before, after);
}

/** @param {Api.Image} image */
function other(image) {
	const why = image.code === null ? words.request.gallery.waiting : (image.hint ?? image.code);
	return h(
		"div",
		{ class: "tile", title: image.input_url },
		span(`thumb ${image.code === null ? "" : "wrong"}`, icon(PICTURE)),
		bdi("tile-name", nameOf(image.input_url)),
		span("quiet small name", why),
	);
}
