// The files that somebody dropped, chose or pasted: also those of a folder, at least one more than one can look at.

import { nameOf } from "../api/addresses.js";

export const MOST_FILES = 100;
const ONLY_ADDRESSES = /^https?:\/\/[^\t]+$/i;
const HEADER = "S. No.,Product Name,Input Image Urls";
const READ = /^(?!\.|~\$).*\.(csv|tsv|txt|xlsx|ods)$/i;

/**
 * What cannot be read, as where the system forbids it, is left out and counted.
 * @typedef {{files: File[], unread: number}} Found
 * @param {DataTransfer} transfer @returns {Promise<Found>}
 */
export async function droppedFiles(transfer) {
	const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
	const plain = [...transfer.files];
	if (!entries.some((entry) => entry?.isDirectory)) return { files: plain, unread: 0 };
	/** @type {Found} */
	const found = { files: [], unread: 0 };
	for (const entry of entries) if (entry) await collect(entry, found);
	return found;
}

/**
 * Of a folder only what may be a CSV or a workbook, and is none that macOS or Excel lays hidden beside one.
 * @param {FileList} files
 */
export const chosenFiles = (files) =>
	[...files].filter(({ webkitRelativePath, name }) => webkitRelativePath === "" || READ.test(name));

/** @param {FileSystemEntry} entry @param {Found} found @returns {Promise<void>} */
async function collect(entry, found) {
	if (found.files.length > MOST_FILES) return; // one too many, which is told
	try {
		if (entry.isFile && READ.test(entry.name))
			found.files.push(await fileOf(/** @type {FileSystemFileEntry} */ (entry)));
		if (entry.isDirectory) await collectFolder(/** @type {FileSystemDirectoryEntry} */ (entry), found);
	} catch {
		found.unread += 1;
	}
}

/**
 * A folder tells a hundred of its entries at a time, until it tells none.
 * @param {FileSystemDirectoryEntry} folder
 * @param {Found} found
 */
async function collectFolder(folder, found) {
	const reader = folder.createReader();
	for (;;) {
		/** @type {FileSystemEntry[]} */
		const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
		if (entries.length === 0) return;
		for (const entry of entries) await collect(entry, found);
	}
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File>} */
const fileOf = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

/**
 * Rows out of the clipboard; a bare list of addresses becomes some. What was pasted has no time of
 * its own, so a number of what it says stands there: the same rows are known again.
 * @param {string} text
 */
export function pastedFile(text) {
	const lines = text.split("\n").flatMap((line) => line.trim() || []);
	const isList = lines.every((line) => ONLY_ADDRESSES.test(line));
	const rows = isList ? [HEADER, ...lines.map(product)].join("\n") : text;
	return new File([rows], "pasted.csv", { type: "text/csv", lastModified: numberOf(rows) });
}

/** @param {string} address @param {number} at */
const product = (address, at) => [at + 1, quoted(nameOf(address)), quoted(address)].join();

/** @param {string} cell */
const quoted = (cell) => `"${cell.replaceAll('"', '""')}"`;

/** FNV-1a. @param {string} text */
function numberOf(text) {
	let number = 0x811c9dc5;
	for (let at = 0; at < text.length; at += 1) number = Math.imul(number ^ text.charCodeAt(at), 0x01000193);
	return number >>> 0;
}
