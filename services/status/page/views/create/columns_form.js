// Which columns are the needed ones, said by a person where their names do not tell.

import { bdi, div, h, h3, span } from "../../element.js";
import { words } from "../../words/words.js";

/** @param {string[]} columns @param {(said: Api.Mapping) => void} use */
export function columnsForm(columns, use) {
	const said = words.create.columns;
	const { serial, name, images, numbered, taken } = words.create.understood;
	const numbers = select(columns, numbered);
	const names = select(columns, taken);
	const boxes = columns.map((value) => h("input", { type: "checkbox", value }));
	const go = h("button", { class: "button main", disabled: true }, said.use);
	const chosen = () => boxes.filter(({ checked }) => checked).map(({ value }) => value);
	return h(
		"form",
		{
			class: "stack tight",
			on: {
				change: () => {
					go.disabled = chosen().length === 0;
				},
				submit: (event) => {
					event.preventDefault();
					use({ serial_number: numbers.value || null, product_name: names.value || null, image_urls: chosen() });
				},
			},
		},
		h3("", said.title),
		h("label", { class: "field" }, span("label", serial), numbers),
		h("label", { class: "field" }, span("label", name), names),
		h(
			"fieldset",
			{ class: "field" },
			h("legend", { class: "label" }, images),
			boxes.map((box) => h("label", { class: "name" }, box, " ", bdi("", box.value))),
		),
		div("", go),
	);
}

/** @param {string[]} columns @param {string} none */
const select = (columns, none) =>
	h(
		"select",
		{},
		h("option", { value: "" }, none),
		columns.map((value) => h("option", { value }, value)),
	);
