// One request, from its first image to its last download. It follows it by itself and draws what changed.

import { follow } from "../api/follow.js";
import { isAborted } from "../api/problem.js";
import { whenBack } from "../api/reach.js";
import { cancelRequest, deleteRequest, readRequest, retryRequest } from "../api/requests.js";
import { fill, h } from "../element.js";
import { dayOf, since, when } from "../format.js";
import { words } from "../words/words.js";
import { announce } from "./announce.js";
import { failure } from "./failure.js";
import { deliveriesPanel } from "./request/deliveries.js";
import { endedPanel } from "./request/ended.js";
import { failuresPanel } from "./request/failures.js";
import { gallery } from "./request/gallery.js";
import { tellEnd } from "./request/notice.js";
import { runningPanel } from "./request/running.js";
import { resetTab, showInTab } from "./request/tab.js";
import { statePill } from "./state_pill.js";
import { toast, toastWithUndo } from "./toast.js";

/**
 * @param {string} id
 * @returns {import("../router.js").View}
 */
export function requestView(id) {
	const stop = new AbortController();
	const head = h("header", { class: "stack tight" });
	const body = h("div", { class: "stack" });
	const place = h("div", { class: "stack request" }, head, body);
	const pictures = gallery(id);
	/** @type {ReturnType<typeof runningPanel> | null} */
	let running = null;
	let isBroken = false;

	async function load() {
		isBroken = false;
		try {
			const request = await readRequest(id, stop.signal);
			if (request.completed_at === null) await followIt(request);
			else showEnded(request);
		} catch (error) {
			if (isAborted(error)) return;
			isBroken = true;
			fill(head);
			fill(body, failure(error, load));
		}
	}

	/** @param {Api.Request} first */
	async function followIt(first) {
		const panel = runningPanel(id);
		running = panel;
		fill(body, panel.place);
		show(first);
		let latest = first;
		await follow(id, {
			signal: stop.signal,
			onLost: panel.showLost,
			onRequest: (request) => {
				latest = request;
				show(request);
			},
		});
		panel.end();
		if (stop.signal.aborted) return;
		running = null;
		tellEnd(latest);
		announce(
			`${words.request.doneTitle(latest.filename)}. ${words.request.ending.all(latest.counts.done, latest.counts.images)}`,
		);
		showEnded(latest);
	}

	/** @param {Api.Request} request */
	function show(request) {
		drawHead(request);
		showInTab(request);
		running?.show(request);
	}

	/** @param {Api.Request} request */
	function showEnded(request) {
		show(request);
		fill(
			body,
			endedPanel(request),
			request.failures.length > 0 && failuresPanel(request, retry),
			request.counts.images > 0 && pictures.place,
			request.webhook && deliveriesPanel(request, stop.signal),
		);
		pictures.load();
	}

	let drawn = "";
	/** Only when something in it is new: a button that is drawn anew loses the focus. @param {Api.Request} request */
	function drawHead(request) {
		const told = `${request.state} ${request.run}`;
		if (told === drawn) return;
		drawn = told;
		fill(head, titleOf(request, actionsOf(request)), metaOf(request));
	}

	/** @param {Api.Request} request */
	function actionsOf(request) {
		const isRunning = request.state === "pending" || request.state === "processing";
		return isRunning
			? button(words.request.cancel, () => cancelRequest(id).then(show, complain))
			: request.completed_at !== null && button(words.request.remove, () => remove(request));
	}

	async function retry() {
		await retryRequest(id);
		drawn = "";
		load();
	}

	/** @param {Api.Request} request */
	function remove(request) {
		location.hash = "#/requests";
		toastWithUndo(words.list.removed(request.filename), {
			act: () => deleteRequest(id).catch(complain),
			undo: () => {
				location.hash = `#/requests/${id}`;
			},
		});
	}

	const endBack = whenBack(() => isBroken && load());
	return {
		show: (stage) => {
			stage.append(place);
			load();
		},
		leave: () => {
			endBack();
			stop.abort();
			pictures.end();
			resetTab();
		},
	};
}

/** @param {Api.Request} request @param {import("../element.js").Child} actions */
function titleOf(request, actions) {
	const name = h("h1", { class: "name" }, h("bdi", {}, request.filename));
	return h("div", { class: "row apart head-row" }, h("div", { class: "row" }, name, statePill(request.state)), actions);
}

/** @param {Api.Request} request */
function metaOf(request) {
	const said = words.request;
	const began = h(
		"time",
		{ datetime: request.created_at, title: when(request.created_at) },
		said.started(since(request.created_at)),
	);
	return h(
		"p",
		{ class: "row quiet small meta" },
		began,
		request.run > 1 && h("span", {}, said.run(request.run)),
		request.expires_at && h("span", {}, said.kept(dayOf(request.expires_at))),
		h("span", { class: "number name" }, request.request_id),
	);
}

/** @param {string} text @param {() => void} click */
const button = (text, click) => h("button", { class: "button", type: "button", on: { click } }, text);

/** @param {Error} error */
const complain = (error) => toast(error.message);
