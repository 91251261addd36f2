// The files that somebody dropped, chose or pasted: also those of a folder, as many as one can look at.

export const MOST_FILES = 100;
const READ = /\.(csv|tsv|txt|xlsx|ods)$/i;

/**
 * @param {DataTransfer} transfer
 * @returns {Promise<File[]>}
 */
export async function droppedFiles(transfer) {
	const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
	const plain = [...transfer.files];
	if (!entries.some((entry) => entry?.isDirectory)) return plain.slice(0, MOST_FILES);
	/** @type {File[]} */
	const found = [];
	for (const entry of entries) if (entry) await collect(entry, found);
	return found;
}

/**
 * Of a folder only what may be a CSV or a workbook.
 * @param {FileList} files
 */
export const chosenFiles = (files) =>
	[...files]
		.filter(({ webkitRelativePath, name }) => webkitRelativePath === "" || READ.test(name))
		.slice(0, MOST_FILES);

/**
 * @param {FileSystemEntry} entry
 * @param {File[]} found
 * @returns {Promise<void>}
 */
async function collect(entry, found) {
	if (found.length >= MOST_FILES) return;
	if (entry.isFile && READ.test(entry.name)) found.push(await fileOf(/** @type {FileSystemFileEntry} */ (entry)));
	if (entry.isDirectory) await collectFolder(/** @type {FileSystemDirectoryEntry} */ (entry), found);
}

/**
 * A folder tells a hundred of its entries at a time, until it tells none.
 * @param {FileSystemDirectoryEntry} folder
 * @param {File[]} found
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

/**
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File>}
 */
const fileOf = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

/** @param {string} text */
export const pastedFile = (text) => new File([text], "pasted.csv", { type: "text/csv" });
