// One file on its way: what was understood of it, what is wrong, and how far its sending is.

import { Problem } from "../../api/problem.js";
import { fill, h, icon } from "../../element.js";
import { bytes } from "../../format.js";
import { CLOSE, FILE, WARN } from "../../icons.js";
import { addressOf } from "../../router.js";
import { markedFile } from "../../sending/basket.js";
import { words } from "../../words/words.js";
import { announce } from "../announce.js";
import { saveBlob } from "../save_blob.js";
import { toast } from "../toast.js";
import { errorTable } from "./error_table.js";
import { previewTable } from "./preview_table.js";
import { understood } from "./understood.js";

/** @typedef {import("../../sending/basket.js").Entry} Entry */
/** @typedef {{send: () => void, abort: () => void, remove: () => void, judge: () => void}} Actions */

/**
 * @param {Entry} entry
 * @param {Actions} actions
 */
export function fileCard(entry, actions) {
	const said = words.create;
	const status = h("div", {});
	const verdict = h("div", { class: "stack" });
	const remove = h(
		"button",
		{
			class: "button plain",
			type: "button",
			"aria-label": `${said.remove}: ${entry.file.name}`,
			on: { click: actions.remove },
		},
		icon(CLOSE),
	);
	const title = h("h2", { class: "name" }, h("bdi", {}, entry.file.name));
	const size = h("span", { class: "quiet small number" }, bytes(entry.file.size));
	const head = h("div", { class: "file-head" }, icon(FILE), title, size, remove);
	/** @type {unknown} */
	let judged = null;
	/** @type {import("../../sending/basket.js").Phase | null} */
	let phase = null;
	function show() {
		if (judged !== (entry.verdict ?? entry.problem)) {
			judged = entry.verdict ?? entry.problem;
			fill(
				verdict,
				entry.problem ? problem(entry.problem) : null,
				entry.verdict ? told(entry, entry.verdict, actions) : null,
			);
		}
		if (phase === entry.phase && entry.phase === "sending") return progress.show(entry);
		phase = entry.phase;
		fill(status, entry.delay === null ? null : delayed(entry.delay), progressOrActions());
	}
	const progress = sendingBar(actions);
	function progressOrActions() {
		switch (entry.phase) {
			case "waiting":
				return quiet(said.waiting);
			case "judging":
				return quiet(`${said.judging} …`);
			case "judged":
				return judgedActions(entry, actions);
			case "refused":
				return refusedActions(entry, actions);
			case "queued":
				return h("div", { class: "row" }, quiet(said.queued), stopButton(actions));
			case "sending":
				progress.show(entry);
				return progress.place;
			case "sent":
				announce(`${entry.file.name}: ${said.sent}`);
				return sent(entry);
		}
	}
	entry.addEventListener("news", show);
	show();
	return h("article", { class: "card stack file" }, head, verdict, status);
}

/** @param {string} text */
const quiet = (text) => h("p", { class: "quiet" }, text);

/** @param {string} why */
const delayed = (why) => h("p", { class: "note warn", role: "status" }, icon(WARN), words.create.delayed(why));

/**
 * @param {Entry} entry
 * @param {import("../../api/shapes.js").Verdict} verdict
 * @param {Actions} actions
 */
function told(entry, verdict, actions) {
	const said = words.create;
	const { products, images, skipped_rows: bad } = verdict.counts;
	/** @param {string} encoding */
	const readAs = (encoding) => {
		entry.encoding = encoding;
		actions.judge();
	};
	return [
		h(
			"p",
			{ class: "counts" },
			h("strong", {}, said.understood.counts(products, images)),
			bad > 0 && h("span", { class: "pill bad" }, said.understood.bad(bad)),
		),
		verdict.warnings.length > 0 && warnings(verdict.warnings),
		verdict.errors.length > 0 && errorTable(verdict.errors, verdict.errors_total),
		entry.rows === null ? quiet(said.preview.none) : previewTable(verdict, entry.rows),
		understood(verdict, readAs),
	];
}

/** @param {import("../../api/shapes.js").Warning[]} warnings */
function warnings(warnings) {
	const list = h(
		"ul",
		{},
		warnings.map((each) => h("li", { class: "name" }, each.message)),
	);
	return h("div", { class: "note warn" }, icon(WARN), h("div", {}, h("strong", {}, words.create.warnings), list));
}

/** @param {Problem} refusal */
function problem(refusal) {
	const text = refusal.status === 0 ? words.create.unreadable : refusal.message;
	const errors = refusal.body.errors ?? [];
	return h(
		"div",
		{ class: "stack" },
		h("p", { class: "note bad", role: "alert" }, icon(WARN), h("span", { class: "name" }, text)),
		errors.length > 0 && errorTable(errors, refusal.body.errors_total ?? errors.length),
	);
}

/** @param {Entry} entry @param {Actions} actions */
function judgedActions(entry, actions) {
	const said = words.create;
	const verdict = entry.verdict;
	if (verdict === null) return null;
	const isFlawed = verdict.errors_total > 0;
	const text = isFlawed ? said.sendGood(verdict.counts.products) : said.send(verdict.counts.images);
	return h(
		"div",
		{ class: "row" },
		h("button", { class: "button main", type: "button", on: { click: actions.send } }, text),
		isFlawed && markedButton(entry),
	);
}

/** @param {Entry} entry @param {Actions} actions */
function refusedActions(entry, actions) {
	const hasMarks = (entry.problem?.body.errors ?? []).some((error) => error.row !== null);
	return h(
		"div",
		{ class: "row" },
		h(
			"button",
			{ class: "button", type: "button", on: { click: entry.verdict ? actions.send : actions.judge } },
			words.again,
		),
		hasMarks && markedButton(entry),
	);
}

/** @param {Entry} entry */
function markedButton(entry) {
	const save = () =>
		markedFile(entry).then(
			(blob) => saveBlob(blob, `errors-${entry.file.name.replace(/\.\w+$/, "")}.csv`),
			(error) => toast(error instanceof Problem ? error.message : words.away.banner),
		);
	return h("button", { class: "button", type: "button", on: { click: save } }, words.create.errors.marked);
}

/** @param {Actions} actions */
const stopButton = (actions) =>
	h("button", { class: "button", type: "button", on: { click: actions.abort } }, words.create.abort);

/** @param {Actions} actions */
function sendingBar(actions) {
	const bar = h("progress", { max: 1, "aria-label": words.create.send(0) });
	const text = h("span", { class: "quiet number" });
	return {
		place: h("div", { class: "sending" }, bar, h("div", { class: "row apart" }, text, stopButton(actions))),
		/** @param {Entry} entry */
		show: ({ progress, file }) => {
			const total = progress.total || file.size;
			const isWhole = progress.sent >= total && total > 0;
			bar.setAttribute("aria-label", file.name);
			bar.value = total > 0 ? progress.sent / total : 0;
			text.textContent = isWhole ? words.create.checking : words.create.sending(bytes(progress.sent), bytes(total));
		},
	};
}

/** @param {Entry} entry */
function sent(entry) {
	return h(
		"div",
		{ class: "row" },
		h("span", { class: "pill good" }, words.create.sent),
		h("a", { href: addressOf(entry.requestId ?? "") }, words.create.open),
	);
}
