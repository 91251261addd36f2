// Short messages at the foot of the window, one of which can take back what it tells of.

import { Problem } from "../api/problem.js";
import { h, p, span } from "../element.js";
import { keepingFocus } from "../focus.js";
import { words } from "../words/words.js";
import { button } from "./button.js";

const UNDO_SECONDS = 7;
const SHOWN_SECONDS = 4;

const place = h("div", { class: "toasts", role: "status" });

export const toasts = () => place;

/** @param {string} text */
export function toast(text) {
	const shown = p("toast", text);
	show(shown);
	setTimeout(() => shown.remove(), 1000 * SHOWN_SECONDS);
}

/** Why a call failed, as a person would say it. @param {unknown} error */
export const reasonOf = (error) =>
	error instanceof Problem ? error.message : navigator.onLine ? words.away.banner : words.away.offline;

/** Of what somebody asked for, which is not asked again by itself. @param {unknown} error */
export const complain = (error) => toast(error instanceof Problem ? error.message : words.away.unanswered);

/**
 * Does it after a while, unless it is taken back. A page that is closed before has not done it.
 * @param {string} text
 * @param {{act: () => void, undo: () => void}} what
 */
export function toastWithUndo(text, { act, undo }) {
	const before = document.activeElement;
	const back = button("link", words.undo, () => end(undo));
	const shown = p("toast", span("name", text), back);
	const timer = setTimeout(() => end(act), 1000 * UNDO_SECONDS);
	/** @param {() => void} next */
	function end(next) {
		clearTimeout(timer);
		keepingFocus(
			shown,
			() => {
				shown.remove();
				next();
			},
			before,
		);
	}
	show(shown);
	back.focus(); // what had it is gone
}

/** @param {HTMLElement} message */
function show(message) {
	// What lies below an open dialog is dimmed, and nobody hears it.
	const home = document.querySelector("dialog[open]") ?? document.body;
	if (place.parentNode !== home) home.append(place);
	place.append(message);
}
