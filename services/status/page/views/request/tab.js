// What the tab shows while it is in the background: progress in its title and as a ring in its icon.

import { words } from "../../words/words.js";
import { stateOf } from "../state_pill.js";

const SIZE = 64;
/** @type {string | null} */
let drawn = null;

/** @param {Api.RequestSummary} request */
export function showInTab(request) {
	const state =
		request.completed_at === null
			? words.request.running.percent(String(Math.floor(request.progress)))
			: stateOf(request);
	document.title = `${state} · ${request.filename} · ${words.title}`;
	if (request.completed_at === null) drawIcon(request.progress / 100);
	else resetTab();
}

export function resetTab() {
	setIcon("/page/icon.svg", "image/svg+xml");
}

/** @param {number} share */
function drawIcon(share) {
	const canvas = document.createElement("canvas");
	canvas.width = SIZE;
	canvas.height = SIZE;
	const pen = canvas.getContext("2d");
	if (pen === null) return;
	ring(pen, 1, "#9aa39d");
	ring(pen, share, "#0b8a62");
	canvas.toBlob((blob) => blob && setIcon(URL.createObjectURL(blob), "image/png"));
}

/** @param {CanvasRenderingContext2D} pen @param {number} share @param {string} colour */
function ring(pen, share, colour) {
	const top = -Math.PI / 2;
	pen.lineWidth = 14;
	pen.strokeStyle = colour;
	pen.beginPath();
	pen.arc(SIZE / 2, SIZE / 2, SIZE / 2 - 8, top, top + 2 * Math.PI * share);
	pen.stroke();
}

/** @param {string} href @param {string} type */
function setIcon(href, type) {
	const link = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel=icon]"));
	if (link === null) return;
	link.type = type;
	link.href = href;
	if (drawn !== null) URL.revokeObjectURL(drawn);
	drawn = href.startsWith("blob:") ? href : null;
}
