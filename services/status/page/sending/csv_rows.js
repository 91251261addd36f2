// The first rows of a CSV as cells. It only shows what is about to be sent; what counts is how the server reads it.

/**
 * @param {string} text
 * @param {string} delimiter
 * @param {number} most
 * @returns {string[][]} blank lines too, so that a row's place is its number
 */
export function csvRows(text, delimiter, most) {
	/** @type {string[][]} */
	const rows = [];
	let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
	while (at < text.length && rows.length < most) {
		const [row, next] = rowAt(text, at, delimiter);
		rows.push(row);
		at = next;
	}
	return rows;
}

/**
 * @param {string} text
 * @param {number} at
 * @param {string} delimiter
 * @returns {[string[], number]}
 */
function rowAt(text, at, delimiter) {
	/** @type {string[]} */
	const cells = [];
	for (;;) {
		const [cell, next] = text[at] === '"' ? quotedAt(text, at + 1) : plainAt(text, at, delimiter);
		cells.push(cell);
		if (text[next] !== delimiter) return [cells, afterLineEnd(text, next)];
		at = next + 1;
	}
}

/**
 * @param {string} text
 * @param {number} at
 * @param {string} delimiter
 * @returns {[string, number]}
 */
function plainAt(text, at, delimiter) {
	let end = at;
	while (end < text.length && text[end] !== delimiter && text[end] !== "\n" && text[end] !== "\r") end += 1;
	return [text.slice(at, end), end];
}

/**
 * @param {string} text
 * @param {number} at behind the opening quotation mark
 * @returns {[string, number]}
 */
function quotedAt(text, at) {
	let cell = "";
	for (;;) {
		const end = text.indexOf('"', at);
		if (end < 0) return [cell + text.slice(at), text.length];
		cell += text.slice(at, end);
		if (text[end + 1] !== '"') return [cell, end + 1];
		cell += '"';
		at = end + 2;
	}
}

/**
 * What stands between a closing quotation mark and the line's end is left out.
 * @param {string} text
 * @param {number} at
 */
function afterLineEnd(text, at) {
	while (at < text.length && text[at] !== "\n" && text[at] !== "\r") at += 1;
	return text[at] === "\r" && text[at + 1] === "\n" ? at + 2 : at + 1;
}
