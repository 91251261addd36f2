// The state of a request as a word with a colour.

import { h } from "../element.js";
import { words } from "../words/words.js";

/** @type {{[state: string]: string}} */
const TONES = { completed: "good", failed: "bad", processing: "warn", cancelling: "warn" };

/** @param {Api.State} state */
export function statePill(state) {
	return h("span", { class: `pill ${TONES[state] ?? ""}` }, words.states[state] ?? state);
}
