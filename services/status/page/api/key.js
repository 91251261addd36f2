// The API key: asked for once where one is needed, kept as long as the tab, never anywhere else.

import { ofTheTab } from "../storage.js";

const NAME = "pixmill-key";

export const theKey = () => ofTheTab.get(NAME);

/** @param {string} key */
export const keepKey = (key) => ofTheTab.set(NAME, key);

export const forgetKey = () => ofTheTab.remove(NAME);

/** @type {(wasRefused: boolean) => Promise<void>} */
let ask = () => Promise.reject(new Error("nobody asks for keys"));
/** @type {Promise<void> | null} */
let asking = null;

/**
 * Who asks a person for the key.
 * @param {(wasRefused: boolean) => Promise<void>} asker
 */
export function askForKeysBy(asker) {
	ask = asker;
}

/**
 * Resolves when there is another key than the one that was refused. However many calls wait, one question is asked.
 * @param {string | null} refused
 */
export async function anotherKey(refused) {
	if (theKey() !== refused) return;
	asking ??= ask(refused !== null).finally(() => {
		asking = null;
	});
	await asking;
}

/** @returns {{[name: string]: string}} */
export function keyHeaders() {
	const key = theKey();
	return key === null ? {} : { "X-API-Key": key };
}
