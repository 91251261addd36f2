// The reader's language, where there is a file of it; English else. A language is a file beside this one and its line here.

import { en } from "./en.js";

/** @type {{[language: string]: typeof en}} */
const LANGUAGES = { en };

const wanted = navigator.languages.find((tag) => primary(tag) in LANGUAGES) ?? "en";

/** With the reader's region, by which numbers and dates are written. */
export const language = wanted;
export const words = LANGUAGES[primary(wanted)] ?? en;

document.documentElement.lang = primary(wanted);

/** @param {string} tag */
function primary(tag) {
	return tag.slice(0, 2).toLowerCase();
}
