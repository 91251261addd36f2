// What the server found in a file: its counts, what is wrong, its first rows, how it was read.

import { h, icon } from "../../element.js";
import { WARN } from "../../icons.js";
import { words } from "../../words/words.js";
import { errorTable } from "./error_table.js";
import { previewTable } from "./preview_table.js";
import { understood } from "./understood.js";

const SAID_ALREADY = "rows_skipped"; // by the count of wrong rows and the table of mistakes

/**
 * @param {import("../../sending/basket.js").Entry} entry
 * @param {Api.Verdict} verdict
 * @param {() => void} judge
 */
export function told(entry, verdict, judge) {
	/** @param {string} encoding */
	const readAs = (encoding) => {
		entry.encoding = encoding;
		judge();
	};
	const warnings = verdict.warnings.filter(({ code }) => code !== SAID_ALREADY);
	return [
		verdict.errors.length > 0 && errorTable(verdict.errors, verdict.errors_total),
		warnings.length > 0 && worthALook(warnings),
		entry.rows === null ? h("p", { class: "quiet" }, words.create.preview.none) : previewTable(verdict, entry.rows),
		understood(verdict, readAs),
	];
}

/** @param {Api.Warning[]} warnings */
function worthALook(warnings) {
	const list = h(
		"ul",
		{},
		warnings.map((each) => h("li", { class: "name" }, each.message)),
	);
	return h("div", { class: "note" }, icon(WARN), h("div", {}, h("strong", {}, words.create.warnings), list));
}

/** @param {import("../../api/problem.js").Problem} refusal */
export function refused(refusal) {
	const text = refusal.status === 0 ? words.create.unreadable : refusal.message;
	const errors = refusal.body.errors ?? [];
	return [
		h("p", { class: "note bad", role: "alert" }, icon(WARN), h("span", { class: "name" }, text)),
		errors.length > 0 && errorTable(errors, refusal.body.errors_total ?? errors.length),
	];
}
