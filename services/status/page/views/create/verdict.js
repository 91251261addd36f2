// What the server found in a file: its counts, what is wrong, its first rows, how it was read.

import { div, icon, li, strong, ul } from "../../element.js";
import { WARN } from "../../icons.js";
import { words } from "../../words/words.js";
import { columnsForm } from "./columns_form.js";
import { errorTable } from "./error_table.js";
import { previewTable } from "./preview_table.js";
import { understood } from "./understood.js";

const SAID_ALREADY = "rows_skipped"; // by the count of wrong rows and the table of mistakes

/** @param {Page.Entry} entry @param {Api.Verdict} verdict @param {() => void} judge */
export function told(entry, verdict, judge) {
	/** @param {string} encoding */
	const readAs = (encoding) => {
		entry.said.encoding = encoding;
		judge();
	};
	const warnings = verdict.warnings.filter(({ code }) => code !== SAID_ALREADY);
	return [
		verdict.errors.length > 0 && errorTable(verdict.errors, verdict.errors_total, entry.file.name),
		warnings.length > 0 && worthALook(warnings),
		previewTable(verdict, entry.file.name),
		understood(verdict, readAs),
	];
}

/** @param {Api.Warning[]} warnings */
function worthALook(warnings) {
	const list = ul(
		"",
		warnings.map((each) => li("name", each.message)),
	);
	return div("note", icon(WARN), div("", strong("", words.create.warnings), list));
}

/** @param {Page.Entry} entry @param {Page.Problem} refusal @param {() => void} judge */
export function refused(entry, refusal, judge) {
	const { errors = [], columns = [] } = refusal.body;
	return [
		columns.length > 0 &&
			columnsForm(columns, (said) => {
				entry.said.columns = JSON.stringify(said);
				judge();
			}),
		columns.length === 0 &&
			errors.some(({ row }) => row !== null) &&
			errorTable(errors, refusal.body.errors_total ?? errors.length, entry.file.name),
	];
}
