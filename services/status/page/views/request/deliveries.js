// The webhook of a request: every try with its answer, another one on wish, and how a receiver verifies it.

import { pause, pauseSeconds } from "../../api/pause.js";
import { isAborted } from "../../api/problem.js";
import { listDeliveries, readSecret, redeliver } from "../../api/requests.js";
import { code, div, fill, h, h2, p, section, span, strong, td, tr } from "../../element.js";
import { keepingFocus } from "../../focus.js";
import { clockTime, decimal, when } from "../../format.js";
import { words } from "../../words/words.js";
import { button } from "../button.js";
import { failure } from "../failure.js";
import { heading, scrollingTable } from "../scrolling_table.js";
import { complain, toast } from "../toast.js";

const CAN_BE_REPEATED = new Set(["exhausted", "gone", "undeliverable"]);

/** @param {Api.Delivery} delivery */
const isOver = ({ state }) => state === "delivered" || CAN_BE_REPEATED.has(state);

/** @param {Api.Request} request with a webhook @param {AbortSignal} signal */
export function deliveriesPanel(request, signal) {
	const said = words.request.deliveries;
	const log = div("stack tight");
	let calls = new AbortController();
	/** Looks again as long as there is something to come. An answer to an earlier call would tell of what was. */
	async function load() {
		calls.abort();
		calls = new AbortController();
		const ends = AbortSignal.any([signal, calls.signal]);
		for (let tries = 0; !ends.aborted; tries += 1) {
			try {
				const { items } = await listDeliveries(request.request_id, ends);
				fill(log, items.length > 0 ? items.map((each) => delivery(each, again)) : p("quiet", said.none));
				if (items.length > 0 && items.every(isOver)) return;
			} catch (error) {
				if (!isAborted(error)) fill(log, failure(error, load));
				return;
			}
			await pause(pauseSeconds(tries), ends);
		}
	}
	const again = () =>
		redeliver(request.request_id).then(() => {
			toast(said.redelivered);
			load();
		}, complain);
	load();
	return section(
		"card stack deliveries",
		h2("", said.title),
		p("", span("quiet", `${said.to} `), code("name", request.webhook?.url)),
		log,
		verifying(),
	);
}

/** @param {Api.Delivery} delivery @param {() => void} again */
function delivery(delivery, again) {
	const said = words.request.deliveries;
	const { state, log, next_attempt_at: next } = delivery;
	const tone = state === "delivered" ? "good" : CAN_BE_REPEATED.has(state) ? "bad" : "warn";
	return div(
		"stack tight",
		div(
			"row",
			span(`pill ${tone}`, said.states[state] ?? state),
			span("quiet small", words.request.run(delivery.run)),
			next !== null && !isOver(delivery) && span("quiet small", said.next(clockTime(next))),
			CAN_BE_REPEATED.has(state) && button("button", said.redeliver, again),
		),
		log.length > 0 && attempts(log),
	);
}

/** @param {Api.Attempt[]} log */
function attempts(log) {
	const { columns, title } = words.request.deliveries;
	const lines = log.map((each) =>
		tr(
			"",
			td("number", each.attempt),
			td("number", h("time", { datetime: each.attempted_at }, when(each.attempted_at))),
			td("", answerOf(each)),
			td("number", each.duration_ms === null ? "" : `${decimal(each.duration_ms / 1000)} s`),
		),
	);
	return scrollingTable(title, columns.map(heading), lines);
}

/** @param {Api.Attempt} attempt */
function answerOf({ status_code: status, error, response_excerpt: excerpt }) {
	return [strong("number", status ?? ""), error && span("name", ` ${error}`), excerpt && code("excerpt name", excerpt)];
}

function verifying() {
	const said = words.request.deliveries;
	const secret = h("code", { class: "name", tabindex: -1 });
	const show = button("link", said.showSecret, () =>
		readSecret().then((answer) => {
			secret.textContent = answer.secret;
			keepingFocus(show, () => show.remove(), secret);
		}, complain),
	);
	return h(
		"details",
		{},
		h("summary", {}, said.verify),
		div("stack tight", p("", said.verifyHow), p("", show, secret)),
	);
}
