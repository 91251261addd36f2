// What is wrong with a file: each mistake beside the cell that has it, a few at a time.

import { h } from "../../element.js";
import { number } from "../../format.js";
import { words } from "../../words/words.js";
import { button } from "../button.js";
import { heading, scrollingTable } from "../scrolling_table.js";

const AT_FIRST = 8;
const MORE = 50;

/**
 * @param {Api.CellError[]} errors
 * @param {number} total
 */
export function errorTable(errors, total) {
	const said = words.create.errors;
	const more = button("link", "", () => show(MORE));
	const told = h("span", { class: "quiet small" });
	let shown = 0;
	/** @param {number} count */
	function show(count) {
		body?.append(...errors.slice(shown, shown + count).map(line));
		shown = Math.min(shown + count, errors.length);
		more.textContent = said.more(Math.min(MORE, errors.length - shown));
		more.hidden = shown === errors.length;
		const isPart = more.hidden && total > shown;
		told.textContent = shown === total ? "" : `${said.shown(shown, total)}${isPart ? `. ${said.rest}` : ""}`;
	}
	const table = scrollingTable(said.title(total), said.columns.map(heading), [], "errors");
	const body = table.querySelector("tbody");
	show(AT_FIRST);
	return h(
		"div",
		{ class: "stack tight" },
		h("h3", {}, said.title(total)),
		table,
		h("div", { class: "row" }, more, told),
	);
}

/** @param {Api.CellError} error */
function line(error) {
	const said = words.create.errors;
	const place = error.cell ?? (error.row === null ? said.file : number(error.row));
	const value = error.value ? h("code", { class: "name" }, error.value) : h("span", { class: "quiet" }, said.empty);
	return h(
		"tr",
		{},
		h("td", { class: "number" }, place),
		h("td", { class: "name" }, error.column ?? ""),
		h("td", {}, value),
		h("td", {}, h("strong", {}, problemOf(error)), error.hint && h("span", { class: "hint name" }, error.hint)),
	);
}

/** @param {Api.CellError} error */
export const problemOf = (error) => words.create.errors.codes[error.code] ?? error.code.replaceAll("_", " ");
