// The question for the API key, asked when the server says that one is needed.

import { keepKey } from "../api/key.js";
import { div, h } from "../element.js";
import { words } from "../words/words.js";

/**
 * Resolves when somebody gave a key. It is asked until then: nothing works without.
 * @param {boolean} wasRefused
 * @returns {Promise<void>}
 */
export function askForKey(wasRefused) {
	const said = words.key;
	const input = h("input", {
		type: "password",
		id: "key",
		required: true,
		pattern: "\\s*[!-~]+\\s*", // what a header can carry
		title: said.signs,
		autocomplete: "off",
		spellcheck: "false",
		"aria-describedby": "key-why",
	});
	const form = h(
		"form",
		{ class: "stack", method: "dialog" },
		h("h2", { id: "key-title" }, said.title),
		h("p", { id: "key-why", class: "quiet" }, said.why),
		wasRefused && h("p", { class: "note bad", role: "alert" }, said.refused),
		div("field", h("label", { for: "key", class: "label" }, said.label), input),
		div("row", h("button", { class: "button main" }, said.use)),
	);
	const dialog = h("dialog", { "aria-labelledby": "key-title" }, form);
	document.body.append(dialog);
	dialog.showModal();
	return new Promise((resolve) => {
		dialog.addEventListener("close", () => dialog.isConnected && dialog.showModal()); // Esc cannot be forbidden twice
		form.addEventListener("submit", (event) => {
			event.preventDefault();
			keepKey(input.value.trim());
			dialog.close();
			dialog.remove();
			resolve();
		});
	});
}
