// The frame around every view: the way to others, what is told to all, and the place where a view stands.

import { forgetKey, theKey } from "../api/key.js";
import { div, h, span } from "../element.js";
import { words } from "../words/words.js";
import { announcer } from "./announce.js";
import { banner } from "./banner.js";
import { button } from "./button.js";
import { toasts } from "./toast.js";

/** @returns {{place: HTMLElement, mark: (name: string) => void}} */
export function shell() {
	const place = h("main", { class: "stage", id: "stage", tabindex: "-1" });
	const links = { new: link("#/", words.nav.create), list: link("#/requests", words.nav.list) };
	const brand = h("a", { class: "brand", href: "#/" }, h("img", { src: "/page/icon.svg", alt: "" }), words.title);
	const frame = div(
		"frame",
		h("a", { class: "skip", href: "#stage", on: { click: (event) => skip(event, place) } }, words.skip),
		banner(),
		h(
			"header",
			{ class: "top" },
			brand,
			h("nav", { class: "tabs", "aria-label": words.nav.label }, links.new, links.list),
		),
		place,
		foot(),
	);
	document.body.replaceChildren(frame, announcer(), toasts());
	return {
		place,
		mark: (name) => {
			for (const [each, anchor] of Object.entries(links)) anchor.ariaCurrent = each === name ? "page" : null;
		},
	};
}

/** @param {string} href @param {string} text */
const link = (href, text) => h("a", { href }, text);

/** @param {Event} event @param {HTMLElement} place */
function skip(event, place) {
	event.preventDefault(); // the address behind the # names a view
	place.focus();
}

function foot() {
	const forget = button("link", words.foot.forgetKey, () => {
		forgetKey();
		location.reload();
	});
	const place = h("footer", { class: "foot" }, span("", words.foot.about), h("a", { href: "/docs" }, words.foot.api));
	place.addEventListener("pointerenter", show);
	place.addEventListener("focusin", show);
	function show() {
		if (theKey() !== null && !forget.isConnected) place.append(forget); // one that is moved loses its click
	}
	return place;
}
