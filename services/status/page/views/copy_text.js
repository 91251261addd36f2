// Copies a text, also where the browser has no clipboard for pages: then it is shown, selected, to be copied by hand.

import { words } from "../words/words.js";
import { toast } from "./toast.js";

/** @param {string} text */
export async function copyText(text) {
	try {
		await navigator.clipboard.writeText(text);
		toast(words.copied);
	} catch {
		prompt(words.copy, text);
	}
}
