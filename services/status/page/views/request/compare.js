// One picture before and after, the one over the other, with a slider between them.

import { nameOf, ownAddress } from "../../api/addresses.js";
import { call } from "../../api/client.js";
import { theKey } from "../../api/key.js";
import { bdi, div, fill, h, icon, p, span } from "../../element.js";
import { focusAnything } from "../../focus.js";
import { fromTo, pixels, savedPercent } from "../../format.js";
import { CLOSE, COPY } from "../../icons.js";
import { words } from "../../words/words.js";
import { button } from "../button.js";
import { copyText } from "../copy_text.js";
import { tabs } from "../tabs.js";

const THIN = 20; // times as wide as high, or as high as wide

/** @param {Api.Image} first @param {Page.Neighbours} neighbours */
export function compare(first, neighbours) {
	const said = words.request.compare;
	const title = h("h2", { class: "name", id: "compare-title" });
	const pair = imagePair();
	const facts = div("stack tight");
	let shown = first;
	const turn = async (/** @type {1 | -1} */ step) => {
		const next = await neighbours.find(shown, step);
		if (next !== null) show(next);
		else showWays(); // what was still to come held no picture
	};
	const ways = {
		back: button("button", said.previous, () => turn(-1)),
		on: button("button", said.next, () => turn(1)),
	};
	/** At an end there is no way further, and the focus stays in the dialog. */
	function showWays() {
		const held = document.activeElement;
		ways.back.disabled = !neighbours.isThere(shown, -1);
		ways.on.disabled = !neighbours.isThere(shown, 1);
		if (held?.matches("button:disabled")) pair.focus();
	}
	/** @param {Api.Image} image */
	function show(image) {
		shown = image;
		fill(title, bdi("", nameOf(image.input_url)));
		fill(facts, ...factsOf(image));
		pair.show(image);
		showWays();
	}
	const close = () => dialog.close();
	/** @type {HTMLDialogElement} */
	const dialog = h(
		"dialog",
		{ class: "compare", "aria-labelledby": "compare-title", on: { close: end } },
		h(
			"header",
			{ class: "row apart" },
			title,
			div("row", pair.zooms, button("button plain", icon(CLOSE), close, { "aria-label": words.close })),
		),
		pair.place,
		h("footer", { class: "row apart" }, facts, div("row", ways.back, ways.on)),
	);
	function end() {
		removeEventListener("hashchange", close);
		pair.end();
		dialog.remove();
		focusAnything(); // what had opened it may be gone
	}
	addEventListener("hashchange", close); // another view lies below it by then
	show(first);
	document.body.append(dialog);
	dialog.showModal();
	pair.focus();
}

function imagePair() {
	const said = words.request.compare;
	const after = h("img", { class: "after", alt: said.after });
	const before = h("img", { class: "before", alt: said.before });
	const slider = h("input", { type: "range", min: 0, max: 100, step: 1, value: 50, "aria-label": said.slider });
	const message = h("p", { class: "missing", hidden: true });
	const frame = h(
		"div",
		{ class: "pair", dir: "ltr" },
		after,
		before,
		span("handle"),
		h("div", { class: "sides", "aria-hidden": "true" }, span("", said.before), span("", said.after)),
		slider,
	);
	const place = h(
		"div",
		{ class: "view fit", tabindex: 0, role: "group", "aria-labelledby": "compare-title" },
		frame,
		message,
	);
	const move = () => frame.style.setProperty("--at", `${slider.value}%`);
	slider.addEventListener("input", move);
	function standAlone() {
		frame.classList.add("alone");
		message.hidden = false;
	}
	before.addEventListener("error", standAlone);
	after.addEventListener("error", () => {
		frame.hidden = true;
		message.textContent = said.missing;
		message.hidden = false;
	});
	before.addEventListener("load", () => URL.revokeObjectURL(before.src)); // where the page holds it
	let shows = 0;
	return {
		place,
		zooms: zoomButtons(place, frame, after),
		focus: () => slider.focus(),
		end: () => {
			shows += 1;
		},
		/** @param {Api.Image} image */
		show: async (image) => {
			const mine = ++shows;
			message.hidden = true;
			message.textContent = said.noOriginal;
			frame.hidden = false;
			frame.classList.remove("alone");
			frame.classList.toggle("thin", isThin(image));
			slider.value = "50";
			move();
			before.removeAttribute("src");
			after.src = ownAddress(image.output_url ?? "");
			const source = await originalOf(image);
			if (mine !== shows) return URL.revokeObjectURL(source);
			if (source === "") standAlone();
			else before.src = source;
		},
	};
}

/** An original needs the key, which an image element cannot send. @param {Api.Image} image */
async function originalOf(image) {
	if (image.original_url === null) return "";
	const address = ownAddress(image.original_url);
	if (theKey() === null) return address;
	try {
		const answer = await call(address);
		return URL.createObjectURL(await answer.blob());
	} catch {
		return "";
	}
}

/** @param {HTMLElement} view @param {HTMLElement} frame @param {HTMLImageElement} image */
function zoomButtons(view, frame, image) {
	const { zoom: label, zooms } = words.request.compare;
	const { place, choose } = tabs(label, zooms, "fit", (zoom) => {
		view.classList.toggle("fit", zoom === "fit");
		const times = zoom === "double" ? 2 : 1;
		frame.style.inlineSize = zoom === "fit" ? "" : `${(image.naturalWidth * times) / devicePixelRatio}px`;
	});
	image.addEventListener("load", () => choose("fit"));
	return place;
}

/** @param {Api.Image} image */
function factsOf(image) {
	const said = words.request.compare;
	const { bytes_in: before, bytes_out: after, format, output_url: link } = image;
	const percent = savedPercent(before ?? 0, after ?? 0);
	const about = [
		before !== null && after !== null && fromTo(before, after),
		percent > 0 && words.request.ending.percent(percent),
		pixels(image),
		isThin(image) && said.middle,
		format?.toUpperCase(),
	];
	return [
		p("number", about.filter(Boolean).join(" · ")),
		p(
			"row small",
			h("a", { href: image.input_url, target: "_blank" }, said.source),
			link !== null && h("a", { href: ownAddress(link), target: "_blank" }, said.openNew),
			link !== null && button("link", [icon(COPY), said.copyLink], () => copyText(link)),
		),
	];
}

/** One that would be a hair line where it is shown whole: of it the middle is shown. @param {Api.Image} image */
export function isThin({ width, height }) {
	if (width === null || height === null) return false;
	return Math.max(width, height) > THIN * Math.min(width, height);
}
