// Where a file is on its way, and what can be done with it there.

import { div, fill, h, icon, p, span, strong } from "../../element.js";
import { bytes, since } from "../../format.js";
import { WARN } from "../../icons.js";
import { addressOf } from "../../router.js";
import { markedFile } from "../../sending/basket.js";
import { words } from "../../words/words.js";
import { announce } from "../announce.js";
import { button } from "../button.js";
import { saveBlob } from "../save_blob.js";
import { complain } from "../toast.js";

const OF_THE_HEADER = "missing_column"; // in which nothing can be marked
const SMALLER_IN_PARTS = ["file size", "size as a CSV", "rows", "images"]; // of the limits that a file may be beyond

/** @param {Page.Entry} entry @param {Page.Actions} actions */
export function statusOf(entry, actions) {
	const place = div("stack tight");
	const progress = progressBar(entry);
	let drawn = "";
	return {
		place,
		show: () => {
			progress.show();
			const now = `${entry.phase} ${entry.delay} ${navigator.onLine} ${entry.progress.total > 0}`;
			if (now === drawn) return; // a button that is drawn anew loses the focus
			drawn = now;
			const hadFocus = place.contains(document.activeElement);
			fill(place, entry.delay === null ? null : delayed(entry.delay), partsOf(entry, actions, progress.place));
			if (hadFocus) place.querySelector("button")?.focus();
		},
	};
}

/** @param {Page.Entry} entry @param {Page.Actions} actions @param {HTMLElement} progress */
function partsOf(entry, actions, progress) {
	const said = words.create;
	switch (entry.phase) {
		case "waiting":
			return [quiet(said.waiting)];
		case "judging":
			return [quiet(`${said.judging} …`), entry.progress.total > 0 && progress];
		case "judged":
			return judged(entry, actions);
		case "refused":
			return refused(entry, actions);
		case "queued":
			return [div("row", quiet(said.queued), stopButton(actions))];
		case "sending":
			return [progress, div("row", stopButton(actions))];
		case "sent":
			announce(`${entry.file.name}: ${said.sent}`);
			return [sent(entry)];
	}
}

/** @param {string} text */
const quiet = (text) => p("quiet", text);

/** @param {string} why */
const delayed = (why) =>
	h("p", { class: "note warn", role: "status" }, icon(WARN), words.create.delayed(why, navigator.onLine));

/** @param {Page.Actions} actions */
const stopButton = (actions) => button("button", words.create.abort, actions.abort);

/** @param {Page.Entry} entry @param {Page.Actions} actions */
function judged(entry, actions) {
	const said = words.create;
	if (entry.verdict === null) return [];
	const { counts, errors_total: mistakes } = entry.verdict;
	announce(`${entry.file.name}: ${said.understood.counts(counts.products, counts.images)}`);
	const text = mistakes > 0 ? said.sendGood(counts.products) : said.send(counts.images);
	return [
		entry.before && sentBefore(entry.before),
		p(
			"row counts",
			strong("", said.understood.counts(counts.products, counts.images)),
			counts.skipped_rows > 0 && span("pill bad", said.understood.bad(counts.skipped_rows)),
		),
		div(
			"row",
			button(entry.before ? "button" : "button main", entry.before ? said.again(text) : text, actions.send),
			mistakes > 0 && markedButton(entry),
		),
	];
}

/** @param {Api.Request} request */
const sentBefore = (request) =>
	p(
		"note",
		span("", words.create.sentBefore(since(request.created_at))),
		h("a", { href: addressOf(request.request_id) }, words.create.seeBefore),
	);

/** @param {Page.Entry} entry @param {Page.Actions} actions */
function refused(entry, actions) {
	if (entry.problem === null) return [];
	const { status, message, body } = entry.problem;
	const { errors = [] } = body;
	const isOfFile = status === 0 || status === 413 || errors.length > 0;
	const again = entry.verdict === null ? actions.judge : actions.send;
	const text = status === 0 ? words.create.unreadable : message;
	const helps = errors.filter(({ row }) => row === null).map(({ hint }) => hint);
	if (SMALLER_IN_PARTS.includes(body.limit ?? "")) helps.push(words.create.split);
	const hints = helps.map((text) => p("small name", text));
	return [
		h("div", { class: "note bad", role: "alert" }, icon(WARN), div("", p("name", text), hints)),
		div(
			"row",
			isOfFile ? button("button", words.create.other, actions.replace) : button("button", words.again, again),
			errors.some(({ row, code }) => row !== null && code !== OF_THE_HEADER) && markedButton(entry),
		),
	];
}

/** @param {Page.Entry} entry */
function markedButton(entry) {
	const name = `errors-${entry.file.name.replace(/\.\w+$/, "")}.csv`;
	const save = () => markedFile(entry).then((blob) => saveBlob(blob, name), complain);
	return button("button", words.create.errors.marked, save);
}

/** @param {Page.Entry} entry */
function progressBar(entry) {
	const bar = h("progress", { max: 1, "aria-label": entry.file.name });
	const text = span("quiet number");
	return {
		place: div("stack tight", bar, text),
		show: () => {
			const { sent, total } = entry.progress;
			bar.value = total > 0 ? sent / total : 0;
			const isWhole = total > 0 && sent >= total;
			text.textContent = isWhole ? words.create.checking : words.create.sending(bytes(sent), bytes(total));
		},
	};
}

/** @param {Page.Entry} entry */
function sent(entry) {
	return div(
		"row",
		span("pill good", words.create.sent),
		h("a", { href: addressOf(entry.requestId ?? "") }, words.create.open),
	);
}
