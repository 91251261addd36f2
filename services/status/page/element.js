// Elements out of text. Whatever a CSV, a host or a receiver wrote comes in here as text and stays text: there is
// no way to hand in HTML, a script or an address that runs one.

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {{[name: string]: (event: any) => void}} Listeners */
/** @typedef {{[name: string]: string | number | boolean | null | undefined | Listeners, on?: Listeners}} Attributes */

const SVG = "http://www.w3.org/2000/svg";
const ADDRESSES = new Set(["href", "src"]);
const SAFE_ADDRESS = /^(https?:|blob:|\/(?!\/)|#)/i;

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {(Child | Child[])[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, ...children) {
	const element = document.createElement(tag);
	describe(element, attributes);
	element.append(...nodes(children.flat()));
	return element;
}

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

/**
 * @param {Element} element
 * @param {...(Child | Child[])} children
 */
export function fill(element, ...children) {
	element.replaceChildren(...nodes(children.flat()));
}

/**
 * @param {Element} element
 * @param {Attributes} attributes
 */
function describe(element, attributes) {
	for (const [name, value] of Object.entries(attributes)) {
		if (name === "on") listen(element, /** @type {Listeners} */ (value));
		else if (value !== null && value !== undefined && value !== false)
			set(element, name, String(value === true ? "" : value));
	}
}

/**
 * @param {Element} element
 * @param {Listeners} listeners
 */
function listen(element, listeners) {
	for (const [event, listener] of Object.entries(listeners)) element.addEventListener(event, listener);
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string} value
 */
function set(element, name, value) {
	if (/^(on|style$|srcdoc$)/.test(name)) throw new TypeError(`an element takes no ${name}`);
	if (ADDRESSES.has(name) && !SAFE_ADDRESS.test(value)) return;
	element.setAttribute(name, value);
}

/**
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
function nodes(children) {
	/** @type {(Node | string)[]} */
	const kept = [];
	for (const child of children)
		if (child instanceof Node) kept.push(child);
		else if (child !== null && child !== undefined && child !== false) kept.push(String(child));
	return kept;
}
