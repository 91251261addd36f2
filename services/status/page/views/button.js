// A button as every view has it.

import { h } from "../element.js";

/**
 * @param {string} look
 * @param {Page.Child | Page.Child[]} content
 * @param {() => unknown} click
 * @param {Page.Attributes} [more]
 */
export const button = (look, content, click, more = {}) =>
	h("button", { class: look, type: "button", ...more, on: { click } }, content);
