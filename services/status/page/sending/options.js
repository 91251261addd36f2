// How pictures are to be made, remembered for the next visit. A webhook whose address may hold a secret is only
// remembered as long as the tab.

import { ofTheTab } from "../storage.js";
import { remember, remembered } from "./remembered.js";

const NAME = "pixmill-options";
const WEBHOOK = "pixmill-webhook";

export const FORMATS = ["keep", "jpeg", "png", "webp", "avif"];
export const PRIORITIES = ["high", "normal", "bulk"];
/** @type {Page.Options} */
const DEFAULTS = { quality: 50, format: "keep", priority: "normal", webhook_url: "" };

/** In this tab: what another one remembers meanwhile is for the next visit. @type {Page.Options | null} */
let chosen = null;

/** @returns {Page.Options} */
export function chosenOptions() {
	chosen ??= rememberedOptions();
	return chosen;
}

/** @returns {Page.Options} */
function rememberedOptions() {
	const { quality, format, priority, webhook_url } = remembered(NAME, DEFAULTS);
	return {
		quality: Number.isInteger(quality) && quality >= 1 && quality <= 95 ? quality : DEFAULTS.quality,
		format: FORMATS.includes(format) ? format : DEFAULTS.format,
		priority: PRIORITIES.includes(priority) ? priority : DEFAULTS.priority,
		webhook_url: ofTheTab.get(WEBHOOK) ?? (typeof webhook_url === "string" ? webhook_url : ""),
	};
}

/** @param {Page.Options} options */
export function chooseOptions(options) {
	chosen = options;
	const maySayASecret = /[?@]/.test(options.webhook_url);
	ofTheTab.set(WEBHOOK, options.webhook_url);
	remember(NAME, maySayASecret ? { ...options, webhook_url: "" } : options);
}
