// A key for each sending, kept until it was answered: the same file sent again, also after a reload, is one request.

import { ofTheTab } from "../storage.js";

const PREFIX = "pixmill-sending ";

/** @param {File} file @param {{[name: string]: string}} fields */
export const fingerprintOf = (file, fields) =>
	JSON.stringify([file.name, file.size, file.lastModified, ...Object.entries(fields).flat()]);

/** @param {string} fingerprint */
export function keyFor(fingerprint) {
	const kept = ofTheTab.get(PREFIX + fingerprint);
	const key = kept ?? made();
	ofTheTab.set(PREFIX + fingerprint, key);
	return key;
}

/** @param {string} fingerprint */
export const answered = (fingerprint) => ofTheTab.remove(PREFIX + fingerprint);

/** Not `randomUUID`: browsers have it only where the connection is encrypted. */
const made = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
