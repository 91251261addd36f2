// Elements out of text. Whatever a CSV, a host or a receiver wrote comes in here as text and stays text: there is
// no way to hand in HTML, a script or an address that runs one.

import { keepingFocus } from "./focus.js";

const SVG = "http://www.w3.org/2000/svg";
const ADDRESSES = new Set(["href", "src"]);
const SAFE_ADDRESS = /^(https?:|blob:|\/(?!\/)|#)/i;

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Page.Attributes} [attributes]
 * @param {Page.Content[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, ...children) {
	const element = document.createElement(tag);
	describe(element, attributes);
	element.append(...nodes(children));
	return element;
}

const plain =
	(/** @type {keyof HTMLElementTagNameMap} */ tag) =>
	(/** @type {string} */ look, /** @type {Page.Content[]} */ ...children) =>
		h(tag, { class: look || null }, ...children);

// Those that most often have a look, and nothing else to say of them.
export const div = plain("div");
export const p = plain("p");
export const span = plain("span");
export const section = plain("section");
export const ul = plain("ul");
export const li = plain("li");
export const h2 = plain("h2");
export const h3 = plain("h3");
export const strong = plain("strong");
export const code = plain("code");
export const bdi = plain("bdi");
export const tr = plain("tr");
export const td = plain("td");

/**
 * A drawing of a single line, which says nothing to those who listen.
 * @param {string} path
 */
export function icon(path) {
	const drawing = document.createElementNS(SVG, "svg");
	for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }))
		drawing.setAttribute(key, value);
	const line = document.createElementNS(SVG, "path");
	line.setAttribute("d", path);
	drawing.append(line);
	return drawing;
}

/** @param {Element} element @param {Page.Content[]} children */
export function fill(element, ...children) {
	keepingFocus(element, () => element.replaceChildren(...nodes(children)));
}

/** @param {Element} element @param {Page.Attributes} attributes */
function describe(element, attributes) {
	for (const [name, value] of Object.entries(attributes)) {
		if (name === "on") listen(element, /** @type {Page.Listeners} */ (value));
		else if (isSaid(value)) set(element, name, String(value === true ? "" : value));
	}
}

/** @param {Element} element @param {Page.Listeners} listeners */
function listen(element, listeners) {
	for (const [event, listener] of Object.entries(listeners)) element.addEventListener(event, listener);
}

/** @param {Element} element @param {string} name @param {string} value */
function set(element, name, value) {
	if (/^(on|style$|srcdoc$)/.test(name)) throw new TypeError(`an element takes no ${name}`);
	if (ADDRESSES.has(name) && !SAFE_ADDRESS.test(value)) return;
	element.setAttribute(name, value);
}

/** @param {Page.Content[]} children */
const nodes = (children) =>
	children
		.flat()
		.filter(isSaid)
		.map((child) => (child instanceof Node ? child : String(child)));

/** @param {unknown} value */
const isSaid = (value) => value !== null && value !== undefined && value !== false;
