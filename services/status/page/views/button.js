// A button as every view has it. A double click is one: the second comes while the first is at work.

import { h } from "../element.js";

/** @param {string} look @param {Page.Content} content @param {() => unknown} click @param {Page.Attributes} [more] */
export function button(look, content, click, more = {}) {
	let isBusy = false;
	const once = async () => {
		if (isBusy) return;
		isBusy = true;
		try {
			await click();
		} finally {
			isBusy = false;
		}
	};
	return h("button", { class: look, type: "button", ...more, on: { click: once } }, content);
}
