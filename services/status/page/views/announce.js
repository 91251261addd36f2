// What people hear who do not see the page: few sentences, one after the other.

import { h } from "../element.js";

const region = h("p", { class: "unseen", role: "status" });

export const announcer = () => region;

/** @param {string} sentence */
export function announce(sentence) {
	region.textContent = sentence;
}
