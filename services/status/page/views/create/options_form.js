// How the pictures are to be made. Whatever is chosen is remembered at once.

import { div, h, h2 } from "../../element.js";
import { chooseOptions, chosenOptions, FORMATS, PRIORITIES } from "../../sending/options.js";
import { words } from "../../words/words.js";

export function optionsForm() {
	const said = words.create.options;
	const kept = chosenOptions();
	const quality = h("input", {
		type: "range",
		id: "quality",
		min: 1,
		max: 95,
		value: kept.quality,
		"aria-describedby": "quality-means",
	});
	const number = h("output", { for: "quality", class: "number" });
	const qualityMeans = h("p", { id: "quality-means", class: "quiet small" });
	const format = choice("format", FORMATS, said.formats, kept.format);
	const formatMeans = h("p", { id: "format-means", class: "quiet small" });
	const priority = choice("priority", PRIORITIES, said.priorities, kept.priority);
	const webhook = h("input", {
		type: "url",
		id: "webhook",
		value: kept.webhook_url,
		placeholder: "https://",
		"aria-describedby": "webhook-means",
	});
	const options = () => ({
		quality: Number(quality.value),
		format: format.value,
		priority: priority.value,
		webhook_url: webhook.value.trim(),
	});
	function show() {
		const chosen = options();
		number.textContent = String(chosen.quality);
		qualityMeans.textContent = said.qualityMeans(chosen.quality);
		formatMeans.textContent = said.formatMeans[chosen.format] ?? "";
		chooseOptions(chosen);
	}
	show();
	const form = h(
		"form",
		{ class: "stack", on: { input: show, submit: (event) => event.preventDefault() } },
		div("field", div("row apart", label("quality", said.quality), number), quality, qualityMeans),
		div("field", label("format", said.format), format, formatMeans),
		div("field", label("priority", said.priority), priority),
		div(
			"field",
			label("webhook", said.webhook),
			webhook,
			h("p", { id: "webhook-means", class: "quiet small" }, said.webhookHint),
		),
	);
	return h("details", { class: "card options" }, h("summary", {}, h2("", said.title)), form);
}

/** @param {string} id @param {string} text */
const label = (id, text) => h("label", { for: id, class: "label" }, text);

/** @param {string} id @param {string[]} values @param {{[value: string]: string}} names @param {string} chosen */
function choice(id, values, names, chosen) {
	const options = values.map((value) => h("option", { value, selected: value === chosen }, names[value] ?? value));
	return h("select", { id }, options);
}
