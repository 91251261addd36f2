// What the tab shows while it is in the background: progress in its title and as a ring in its icon.

import { words } from "../../words/words.js";
import { stateOf } from "../state_pill.js";

/** @type {string | null} */
let drawn = null;

/** @param {Api.RequestSummary} request */
export function showInTab(request) {
	const state =
		request.completed_at === null
			? words.request.running.percent(String(Math.floor(request.progress)))
			: stateOf(request);
	document.title = `${state} · ${request.filename} · ${words.title}`;
	if (request.completed_at === null) drawIcon(request.progress);
	else resetTab();
}

export function resetTab() {
	setIcon("/page/icon.svg");
}

/** A ring: all of it, and over that what is done. @param {number} percent */
function drawIcon(percent) {
	const circle = (/** @type {string} */ colour, /** @type {number} */ part) =>
		`<circle cx="16" cy="16" r="12" pathLength="100" stroke="${colour}" stroke-dasharray="${part} 100"/>`;
	const ring = `<g fill="none" stroke-width="7" transform="rotate(-90 16 16)">${circle("#9aa39d", 100)}${circle("#0b8a62", percent)}</g>`;
	const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${ring}</svg>`;
	setIcon(URL.createObjectURL(new Blob([icon], { type: "image/svg+xml" })));
}

/** @param {string} href */
function setIcon(href) {
	document.querySelector("link[rel=icon]")?.setAttribute("href", href);
	if (drawn !== null) URL.revokeObjectURL(drawn);
	drawn = href.startsWith("blob:") ? href : null;
}
