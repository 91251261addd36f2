// The first rows of a file, read here as the server said that it reads them.

import { csvRows } from "./csv_rows.js";

/** @typedef {{number: number, cells: string[]}} ShownRow */

const READ_BYTES = 256 * 1024;
const SHOWN_ROWS = 10;
const SEARCHED_ROWS = 60; // a title of some lines may stand above the header

/**
 * Null for what is no text (a workbook), or in an encoding that browsers do not know.
 * @param {Blob} file
 * @param {Api.Verdict["dialect"]} dialect
 * @returns {Promise<ShownRow[] | null>}
 */
export async function firstRows(file, dialect) {
	if (dialect.sheet !== null) return null;
	const decoder = decoderOf(dialect.encoding);
	if (decoder === null) return null;
	const text = decoder.decode(await file.slice(0, READ_BYTES).arrayBuffer());
	const rows = csvRows(text, dialect.delimiter, SEARCHED_ROWS);
	const header = rows.findIndex((cells) => isHeader(cells, dialect.columns));
	const numbered = rows.map((cells, at) => ({ number: at + 1, cells }));
	const filled = numbered.slice(header + 1).filter(({ cells }) => cells.some((cell) => cell.trim() !== ""));
	return filled.slice(0, SHOWN_ROWS);
}

/** @param {string} encoding */
function decoderOf(encoding) {
	try {
		return new TextDecoder(encoding);
	} catch {
		return null;
	}
}

/** @param {string[]} cells @param {string[]} columns */
function isHeader(cells, columns) {
	return columns.length > 0 && columns.every((column, at) => (cells[at] ?? "").trim() === column.trim());
}

/**
 * The addresses in a cell.
 * @param {string} cell
 */
export function addressesIn(cell) {
	return cell
		.split(/[\s,;|]+(?=https?:\/\/)/i)
		.map((each) => each.trim())
		.filter((each) => /^https?:\/\//i.test(each));
}
