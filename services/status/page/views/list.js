// All requests, the newest first: by state, found by name or number, a page at a time.

import { isAborted } from "../api/problem.js";
import { whenBack } from "../api/reach.js";
import { deleteRequest, listRequests, readUsage } from "../api/requests.js";
import { fill, h, icon } from "../element.js";
import { bytes, dayOf, fromTo, savedPercent, since, when } from "../format.js";
import { FILE, SEARCH, TRASH } from "../icons.js";
import { addressOf } from "../router.js";
import { words } from "../words/words.js";
import { announce } from "./announce.js";
import { button } from "./button.js";
import { failure } from "./failure.js";
import { statePill } from "./state_pill.js";
import { tabs } from "./tabs.js";
import { toast, toastWithUndo } from "./toast.js";

const PAGE = 25;
const TYPING_MILLISECONDS = 250;
const ALL = "all"; // no state of a request

/** @returns {Page.View} */
export function listView() {
	const said = words.list;
	const rows = h("div", {});
	const pager = h("nav", { class: "row", "aria-label": said.title, hidden: true });
	/** @type {(string | null)[]} where each page up to this one begins */
	let cursors = [null];
	let state = ALL;
	let asked = "";
	let calls = new AbortController();

	async function load() {
		calls.abort();
		calls = new AbortController();
		const { signal } = calls;
		try {
			const what = { state: state === ALL ? undefined : state, search: asked, limit: PAGE };
			let page = await listRequests({ ...what, cursor: cursors.at(-1) }, signal);
			// A search looks through so many requests at a time, and may have found none among them.
			while (page.items.length === 0 && page.next !== null)
				page = await listRequests({ ...what, cursor: page.next }, signal);
			if (!signal.aborted) show(page);
		} catch (error) {
			if (!isAborted(error)) fill(rows, failure(error, load));
		}
	}

	/** @param {Api.Page<Api.RequestSummary>} page */
	function show(page) {
		fill(rows, page.items.length > 0 ? table(page.items) : empty(state !== ALL || asked !== ""));
		fill(pager, ...turns(page.next));
		pager.hidden = cursors.length === 1 && page.next === null;
		announce(said.found(page.items.length));
	}

	/** @param {string | null} next */
	function turns(next) {
		return [
			button("button", said.newer, () => turn(cursors.slice(0, -1)), { disabled: cursors.length === 1 }),
			button("button", said.older, () => turn([...cursors, next]), { disabled: next === null }),
		];
	}

	/** @param {(string | null)[]} to */
	function turn(to) {
		cursors = to;
		load();
	}

	const states = tabs(said.filter, { [ALL]: said.all, ...said.states }, (chosen) => {
		state = chosen;
		turn([null]);
	});
	let typing = 0;
	const search = h("input", {
		type: "search",
		"aria-label": said.search,
		placeholder: said.search,
		on: {
			input: () => {
				clearTimeout(typing);
				typing = setTimeout(() => {
					asked = search.value.trim();
					turn([null]);
				}, TYPING_MILLISECONDS);
			},
		},
	});
	const usage = h("p", { class: "quiet small number" });
	const stop = new AbortController();
	const endBack = whenBack(load);
	return {
		show: (place) => {
			const found = h("div", { class: "search" }, icon(SEARCH), search);
			const head = h("div", { class: "row apart" }, states.place, found);
			place.append(h("div", { class: "stack" }, h("h1", {}, said.title), head, rows, pager, usage));
			showUsage(usage, stop.signal);
			load();
		},
		leave: () => {
			endBack();
			clearTimeout(typing);
			calls.abort();
			stop.abort();
		},
	};
}

/** What is stored, and until when; where it cannot be had nothing is said. @param {HTMLElement} place @param {AbortSignal} signal */
async function showUsage(place, signal) {
	const usage = await readUsage(signal).catch(() => null);
	if (usage === null || usage.requests === 0) return;
	const [first] = usage.expiring;
	const stored = words.list.stored(usage.requests, usage.images, bytes(usage.bytes_in + usage.bytes_out));
	place.textContent = first === undefined ? stored : `${stored} ${words.list.until(dayOf(first.on))}`;
}

/** @param {Api.RequestSummary[]} requests */
export function table(requests) {
	return h(
		"ul",
		{ class: "requests card" },
		requests.map((each) => line(each)),
	);
}

/** @param {Api.RequestSummary} request */
function line(request) {
	const { counts } = request;
	const percent = savedPercent(request.bytes_in, request.bytes_out);
	const saved = percent > 0 ? fromTo(request.bytes_in, request.bytes_out) : "";
	/** @type {HTMLElement} */
	const item = h(
		"li",
		{},
		h("a", { class: "name", href: addressOf(request.request_id) }, h("bdi", {}, request.filename)),
		statePill(request),
		h("span", { class: "quiet small number images" }, words.request.running.count(counts.done, counts.images)),
		h("span", { class: "quiet small number saved" }, saved),
		h(
			"time",
			{ class: "quiet small when", datetime: request.created_at, title: when(request.created_at) },
			since(request.created_at),
		),
		removeButton(request, () => item),
	);
	return item;
}

/** @param {Api.RequestSummary} request @param {() => HTMLElement} item */
function removeButton(request, item) {
	const remove = () => {
		const shown = item();
		shown.hidden = true;
		toastWithUndo(words.list.removed(request.filename), {
			act: () => deleteRequest(request.request_id).then(() => shown.remove(), complain),
			undo: () => {
				shown.hidden = false;
			},
		});
		/** @param {Error} error */
		function complain(error) {
			shown.hidden = false;
			toast(error.message);
		}
	};
	const label = `${words.list.remove}: ${request.filename}`;
	return button("button plain", icon(TRASH), remove, { "aria-label": label });
}

/** @param {boolean} isSearch */
function empty(isSearch) {
	const said = words.list;
	return h(
		"div",
		{ class: "empty" },
		icon(isSearch ? SEARCH : FILE),
		h("h2", {}, isSearch ? said.noneFound : said.empty),
		h("p", {}, isSearch ? said.noneFoundHint : said.emptyHint),
		!isSearch && h("a", { class: "button main", href: "#/" }, said.create),
	);
}
