// What the browser remembers for the next visit.

/**
 * @template T
 * @param {string} name
 * @param {T} otherwise
 * @returns {T}
 */
export function remembered(name, otherwise) {
	try {
		return JSON.parse(localStorage.getItem(name) ?? "null") ?? otherwise;
	} catch {
		return otherwise;
	}
}

/** @param {string} name @param {unknown} value */
export const remember = (name, value) => localStorage.setItem(name, JSON.stringify(value));
