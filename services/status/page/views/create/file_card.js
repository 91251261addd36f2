// One file on its way: what was understood of it, what is wrong, and how far its sending is.

import { bdi, div, fill, h, h2, icon, span } from "../../element.js";
import { bytes } from "../../format.js";
import { CLOSE, FILE } from "../../icons.js";
import { words } from "../../words/words.js";
import { button } from "../button.js";
import { statusOf } from "./file_status.js";
import { refused, told } from "./verdict.js";

/** @param {Page.Entry} entry @param {Page.Actions} actions */
export function fileCard(entry, actions) {
	const status = statusOf(entry, actions);
	const verdict = div("stack");
	/** @type {unknown} */
	let judged = null;
	function show() {
		status.show();
		const news = entry.problem ?? entry.verdict;
		if (judged === news) return;
		judged = news;
		fill(
			verdict,
			entry.problem && refused(entry, entry.problem, actions.judge),
			entry.verdict && told(entry, entry.verdict, actions.judge),
		);
	}
	entry.addEventListener("news", show);
	show();
	return h("article", { class: "card stack file" }, head(entry, actions), status.place, verdict);
}

/** @param {Page.Entry} entry @param {Page.Actions} actions */
function head({ file }, actions) {
	const label = `${words.create.remove}: ${file.name}`;
	return div(
		"file-head",
		icon(FILE),
		h2("name", bdi("", file.name)),
		span("quiet small number", bytes(file.size)),
		button("button plain", icon(CLOSE), actions.remove, { "aria-label": label }),
	);
}
