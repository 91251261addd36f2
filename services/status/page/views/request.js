// One request, from its first image to its last download. It follows it by itself and draws what changed.

import { follow } from "../api/follow.js";
import { isAborted, Problem } from "../api/problem.js";
import { cancelRequest, readRequest, retryRequest } from "../api/requests.js";
import { bdi, div, fill, h, p, span } from "../element.js";
import { dayOf, since, when } from "../format.js";
import { words } from "../words/words.js";
import { announce } from "./announce.js";
import { button } from "./button.js";
import { failure } from "./failure.js";
import { removeSoon } from "./removal.js";
import { deliveriesPanel } from "./request/deliveries.js";
import { endedPanel } from "./request/ended.js";
import { failuresPanel } from "./request/failures.js";
import { gallery } from "./request/gallery.js";
import { newest } from "./request/newest.js";
import { endOf, tellEnd } from "./request/notice.js";
import { runningPanel } from "./request/running.js";
import { resetTab, showInTab } from "./request/tab.js";
import { stateOf, statePill } from "./state_pill.js";
import { complain } from "./toast.js";

const AGE_MILLISECONDS = 10_000; // how old what is said of the age may be
const IS_OLD = [404, 409]; // answers to who looks at a request that is another by now

/** @param {string} id @returns {Page.View} */
export function requestView(id) {
	const stop = new AbortController();
	const head = h("header", { class: "stack tight" });
	const body = div("stack", p("quiet coming", words.coming));
	const place = div("stack", head, body);
	const pictures = gallery(id);

	let calls = new AbortController();
	async function load() {
		calls.abort();
		calls = new AbortController();
		const signal = AbortSignal.any([stop.signal, calls.signal]);
		try {
			const request = hear(await readRequest(id, signal));
			if (request.completed_at === null) await followIt(request, signal);
			else showEnded(request, signal);
		} catch (error) {
			if (isAborted(error) || signal.aborted) return;
			drawn = "";
			fill(head);
			fill(body, failure(error, load));
		}
	}

	/** @param {Api.Request} first @param {AbortSignal} signal */
	async function followIt(first, signal) {
		const over = new AbortController();
		const panel = runningPanel(id, AbortSignal.any([signal, over.signal]));
		fill(body, panel.place);
		panel.show(first);
		let latest = first;
		/** @param {Api.Request} request */
		function onRequest(request) {
			latest = hear(request);
			panel.show(latest);
		}
		try {
			await follow(id, { signal, onLost: panel.showLost, onRequest });
		} finally {
			over.abort();
		}
		if (signal.aborted) return;
		tellEnd(latest);
		const { title, body: counted } = endOf(latest);
		announce(`${title}. ${counted}`);
		showEnded(latest, signal);
	}

	/** @type {Api.Request | null} */
	let known = null;
	/** Draws what is the newest by now, and gives it back. @param {Api.Request} request */
	function hear(request) {
		known = newest(known, request);
		if (!stop.signal.aborted) {
			drawHead(known);
			showInTab(known);
		}
		return known;
	}

	/** @param {Api.Request} request @param {AbortSignal} signal */
	function showEnded(request, signal) {
		fill(
			body,
			endedPanel(request, () => retry([])),
			request.failures.length > 0 && failuresPanel(request, retry),
			request.counts.images > 0 && pictures.place,
			request.webhook && deliveriesPanel(request, signal),
		);
		pictures.show(request.counts);
	}

	let drawn = "";
	/** Only when something in it is new: a button that is drawn anew loses the focus. @param {Api.Request} request */
	function drawHead(request) {
		const told = `${stateOf(request)} ${request.run}`;
		if (told === drawn) return;
		drawn = told;
		fill(head, titleOf(request, actionsOf(request)), metaOf(request));
	}

	/** Its text alone, for somebody may be about to copy the id beside it. */
	function tellAge() {
		const began = head.querySelector("time");
		if (began) began.textContent = words.request.started(since(began.dateTime));
	}

	/** @param {Api.Request} request */
	function actionsOf(request) {
		const isRunning = request.state === "pending" || request.state === "processing";
		return isRunning
			? button("button", words.request.cancel, () => cancelRequest(id).then(hear, complain))
			: request.completed_at !== null && button("button", words.request.remove, () => remove(request));
	}

	/** @param {string[]} codes none: all that failed or was not begun */
	const retry = (codes) => retryRequest(id, codes).then(load, refused);

	/** Somebody may have gone on with it or deleted it meanwhile: then what is shown here is old. @param {unknown} error */
	function refused(error) {
		complain(error);
		if (error instanceof Problem && IS_OLD.includes(error.status)) load();
	}

	/** Of a tab that comes to the front again: what had ended may have gone on in another, or be gone. */
	async function lookAgain() {
		if (document.visibilityState === "hidden" || !known?.completed_at) return;
		const { run } = known;
		try {
			const request = await readRequest(id, stop.signal);
			if (request.run !== run) load();
		} catch (error) {
			if (error instanceof Problem && IS_OLD.includes(error.status)) load();
		}
	}

	/** @param {Api.Request} request */
	function remove(request) {
		addEventListener("hashchange", () => removeSoon(request), { once: true });
		location.hash = "#/requests";
	}

	let ageing = 0;
	return {
		show: (stage) => {
			stage.append(place);
			ageing = setInterval(tellAge, AGE_MILLISECONDS);
			document.addEventListener("visibilitychange", lookAgain, { signal: stop.signal });
			load();
		},
		leave: () => {
			stop.abort();
			clearInterval(ageing);
			pictures.end();
			resetTab();
		},
	};
}

/** @param {Api.Request} request @param {Page.Child} actions */
function titleOf(request, actions) {
	const name = h("h1", { class: "name" }, bdi("", request.filename));
	return div("row apart head-row", div("row", name, statePill(request)), actions);
}

/** @param {Api.Request} request */
function metaOf(request) {
	const said = words.request;
	const began = h(
		"time",
		{ datetime: request.created_at, title: when(request.created_at) },
		said.started(since(request.created_at)),
	);
	return p(
		"row quiet small",
		began,
		request.run > 1 && span("", said.run(request.run)),
		request.expires_at && span("", said.kept(dayOf(request.expires_at))),
		span("number name", request.request_id),
	);
}
