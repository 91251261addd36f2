// A table that scrolls by itself where it is wider than its place.

import { h, tr } from "../element.js";

/** @param {string} label which no other part of the view has @param {HTMLElement[]} heads @param {HTMLElement[]} lines @param {string} [look] */
export const scrollingTable = (label, heads, lines, look = "") =>
	h(
		"div",
		{ class: "scroll", tabindex: 0, role: "region", "aria-label": label },
		h("table", { class: look }, h("thead", {}, tr("", heads)), h("tbody", {}, lines)),
	);

/** @param {string} text */
export const heading = (text) => h("th", { scope: "col" }, text);
