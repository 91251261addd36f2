// How the server read a file: what lies between its cells, its encoding, and which column is taken for what.

import { bdi, h } from "../../element.js";
import { words } from "../../words/words.js";
import { button } from "../button.js";

/** @param {Api.Verdict} verdict @param {(encoding: string) => void} readAs */
export function understood(verdict, readAs) {
	const said = words.create.understood;
	const { dialect, mapping } = verdict;
	const taken = new Set([mapping.serial_number, mapping.product_name, ...mapping.image_urls]);
	const others = dialect.columns.filter((column) => !taken.has(column));
	const facts = [
		dialect.sheet === null
			? fact(said.delimiter, said.delimiters[dialect.delimiter] ?? dialect.delimiter)
			: fact(said.sheet, dialect.sheet),
		dialect.sheet === null && fact(said.encoding, dialect.encoding, otherEncoding(verdict, readAs)),
		fact(said.serial, mapping.serial_number ?? said.numbered),
		fact(said.name, mapping.product_name ?? said.taken),
		fact(said.images, mapping.image_urls.join(", ")),
		fact(said.other, others.join(", ") || said.none),
	];
	return h(
		"details",
		{},
		h("summary", {}, said.title),
		h(
			"dl",
			{ class: "facts" },
			facts.flatMap((each) => each || []),
		),
	);
}

/** @param {string} name @param {string} value @param {Page.Child} [beside] */
const fact = (name, value, beside) => [
	h("dt", {}, name),
	h("dd", { class: "name" }, bdi("", value), beside ? " " : null, beside),
];

/**
 * Another reading, where the server was not sure of its own.
 * @param {Api.Verdict} verdict
 * @param {(encoding: string) => void} readAs
 */
function otherEncoding(verdict, readAs) {
	const { sure, otherwise } = verdict.dialect.encoding_found;
	if (sure || otherwise === null) return null;
	return button("link", words.create.understood.readAs(otherwise), () => readAs(otherwise));
}
