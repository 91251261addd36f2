// What is wrong with a file: each mistake beside the cell that has it, a few at a time.

import { code, div, h3, span, strong, td, tr } from "../../element.js";
import { keepingFocus } from "../../focus.js";
import { number } from "../../format.js";
import { words } from "../../words/words.js";
import { button } from "../button.js";
import { heading, scrollingTable } from "../scrolling_table.js";

const AT_FIRST = 8;
const MORE = 50;

/** @param {Api.CellError[]} errors @param {number} total @param {string} filename */
export function errorTable(errors, total, filename) {
	const said = words.create.errors;
	const more = button("link", "", () => show(MORE));
	const told = span("quiet small");
	let shown = 0;
	/** @param {number} count */
	function show(count) {
		body?.append(...errors.slice(shown, shown + count).map(line));
		shown = Math.min(shown + count, errors.length);
		more.textContent = said.more(Math.min(MORE, errors.length - shown));
		keepingFocus(more, () => more.toggleAttribute("hidden", shown === errors.length), table);
		const isPart = more.hidden && total > shown;
		told.textContent = shown === total ? "" : `${said.shown(shown, total)}${isPart ? `. ${said.rest}` : ""}`;
	}
	const table = scrollingTable(`${said.title(total)}: ${filename}`, said.columns.map(heading), [], "errors");
	const body = table.querySelector("tbody");
	show(AT_FIRST);
	return div("stack tight", h3("", said.title(total)), table, total > AT_FIRST && div("row", more, told));
}

/** @param {Api.CellError} error */
function line(error) {
	const said = words.create.errors;
	const place = error.cell ?? (error.row === null ? said.file : number(error.row));
	const value = error.value ? code("name", error.value) : span("quiet", said.empty);
	return tr(
		"",
		td("number", place),
		td("name", error.column ?? ""),
		td("", value),
		td("", strong("", problemOf(error)), error.hint && span("hint name", error.hint)),
	);
}

/** @param {Api.CellError} error */
export const problemOf = (error) => words.create.errors.codes[error.code] ?? error.code.replaceAll("_", " ");
