// A call that failed, told in place of what it should have brought, with a way to go on. When the server is back,
// it goes on by itself.

import { Problem } from "../api/problem.js";
import { whenBack } from "../api/reach.js";
import { div, h, h2, icon, p } from "../element.js";
import { CLOUD, WARN } from "../icons.js";
import { words } from "../words/words.js";
import { button } from "./button.js";
import { reasonOf } from "./toast.js";

/** @param {unknown} error @param {() => void} again */
export function failure(error, again) {
	if (error instanceof Problem && error.status === 404) return nothingHere();
	if (error instanceof Problem && error.status === 403) return notForThisKey();
	const place = div(
		"empty",
		icon(error instanceof Problem ? WARN : CLOUD),
		h2("", words.failed),
		p("name", reasonOf(error)),
		button("button", words.again, again),
	);
	whenBack(() => place.isConnected && again(), { once: true });
	return place;
}

function nothingHere() {
	return div(
		"empty",
		icon(WARN),
		h("h1", {}, words.missing.title),
		p("", words.missing.request),
		h("a", { class: "button", href: "#/" }, words.missing.home),
	);
}

/** A key may be one that sends only. */
function notForThisKey() {
	const said = words.key;
	return div("empty", icon(WARN), h2("", said.sendsOnly), p("", said.sentAllTheSame));
}
