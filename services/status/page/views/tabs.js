// One of a few, as buttons of which one is pressed.

import { h } from "../element.js";
import { button } from "./button.js";

/** @param {string} label @param {{[name: string]: string}} names @param {string} first @param {(name: string) => void} chosen */
export function tabs(label, names, first, chosen) {
	/** @param {string} name */
	function choose(name) {
		press(name);
		chosen(name);
	}
	/** @param {string} name */
	function press(name) {
		for (const [each, tab] of buttons) tab.ariaPressed = String(each === name);
	}
	const buttons = Object.entries(names).map(
		([name, text]) => /** @type {const} */ ([name, button("", text, () => choose(name))]),
	);
	press(first);
	const place = h(
		"div",
		{ class: "tabs", role: "group", "aria-label": label },
		buttons.map(([, tab]) => tab),
	);
	return { place, choose };
}
