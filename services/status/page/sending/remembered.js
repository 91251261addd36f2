// What the browser remembers for the next visit.

import { ofTheBrowser } from "../storage.js";

/**
 * @template T
 * @param {string} name
 * @param {T} otherwise
 * @returns {T}
 */
export function remembered(name, otherwise) {
	try {
		return JSON.parse(ofTheBrowser.get(name) ?? "null") ?? otherwise;
	} catch {
		return otherwise;
	}
}

/** @param {string} name @param {unknown} value */
export const remember = (name, value) => ofTheBrowser.set(name, JSON.stringify(value));
