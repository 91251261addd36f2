// A call that failed, told in place of what it should have brought, with a way to go on.

import { Problem } from "../api/problem.js";
import { h, icon } from "../element.js";
import { CLOUD, WARN } from "../icons.js";
import { words } from "../words/words.js";
import { button } from "./button.js";

/**
 * @param {unknown} error
 * @param {() => void} again
 */
export function failure(error, again) {
	if (error instanceof Problem && error.status === 404) return nothingHere();
	const isAnswer = error instanceof Problem;
	return h(
		"div",
		{ class: "empty" },
		icon(isAnswer ? WARN : CLOUD),
		h("h2", {}, words.failed),
		h("p", { class: "name" }, isAnswer ? error.message : words.away.banner),
		button("button", words.again, again),
	);
}

function nothingHere() {
	return h(
		"div",
		{ class: "empty" },
		icon(WARN),
		h("h1", {}, words.missing.title),
		h("p", {}, words.missing.request),
		h("a", { class: "button", href: "#/" }, words.missing.home),
	);
}
