// Hands a file that the page holds to the browser to keep.

import { h } from "../element.js";

/** @param {Blob} blob @param {string} name */
export function saveBlob(blob, name) {
	const href = URL.createObjectURL(blob);
	h("a", { href, download: name }).click();
	setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
