// All requests, the newest first: by state, found by name or number, a page at a time.

import { isAborted } from "../api/problem.js";
import { whenBack } from "../api/reach.js";
import { deleteRequest, listRequests, readUsage } from "../api/requests.js";
import { fill, h, icon } from "../element.js";
import { bytes, dayOf, savedPercent, since, when } from "../format.js";
import { FILE, SEARCH, TRASH } from "../icons.js";
import { addressOf } from "../router.js";
import { words } from "../words/words.js";
import { announce } from "./announce.js";
import { failure } from "./failure.js";
import { statePill } from "./state_pill.js";
import { toast, toastWithUndo } from "./toast.js";

const PAGE = 25;
const TYPING_MILLISECONDS = 250;
const STATES = /** @type {const} */ (["processing", "completed", "failed", "cancelled"]);

/** @returns {import("../router.js").View} */
export function listView() {
	const said = words.list;
	const rows = h("div", {});
	const pager = h("nav", { class: "row", "aria-label": said.title, hidden: true });
	/** @type {(string | null)[]} where each page up to this one begins */
	let cursors = [null];
	let state = "";
	let asked = "";
	let calls = new AbortController();

	async function load() {
		calls.abort();
		calls = new AbortController();
		const { signal } = calls;
		try {
			let page = await listRequests({ state, search: asked, cursor: cursors.at(-1), limit: PAGE }, signal);
			// A search looks through so many requests at a time, and may have found none among them.
			while (page.items.length === 0 && page.next !== null)
				page = await listRequests({ state, search: asked, cursor: page.next, limit: PAGE }, signal);
			if (!signal.aborted) show(page);
		} catch (error) {
			if (!isAborted(error)) fill(rows, failure(error, load));
		}
	}

	/** @param {Api.Page<Api.RequestSummary>} page */
	function show(page) {
		fill(rows, page.items.length > 0 ? table(page.items) : empty(state !== "" || asked !== ""));
		fill(pager, ...turns(page.next));
		pager.hidden = cursors.length === 1 && page.next === null;
		announce(said.found(page.items.length));
	}

	/** @param {string | null} next */
	function turns(next) {
		return [
			button(said.newer, cursors.length === 1, () => turn(cursors.slice(0, -1))),
			button(said.older, next === null, () => turn([...cursors, next])),
		];
	}

	/** @param {(string | null)[]} to */
	function turn(to) {
		cursors = to;
		load();
	}

	/** @param {string} chosen */
	function choose(chosen) {
		state = chosen;
		for (const tab of tabs.children)
			tab.setAttribute("aria-pressed", String(tab.getAttribute("data-state") === chosen));
		turn([null]);
	}

	/** @param {string} name @param {string} text */
	const tab = (name, text) =>
		h(
			"button",
			{
				type: "button",
				"data-state": name,
				"aria-pressed": String(name === state),
				on: { click: () => choose(name) },
			},
			text,
		);
	const tabs = h(
		"div",
		{ class: "tabs", role: "group", "aria-label": said.filter },
		tab("", said.all),
		STATES.map((each) => tab(each, said.states[each])),
	);
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
			const head = h("div", { class: "row apart" }, tabs, found);
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
	const said = words.list;
	const { counts } = request;
	const percent = savedPercent(request.bytes_in, request.bytes_out);
	const saved = percent > 0 ? `${bytes(request.bytes_in)} → ${bytes(request.bytes_out)}` : "";
	/** @type {HTMLElement} */
	const item = h(
		"li",
		{},
		h("a", { class: "name", href: addressOf(request.request_id) }, h("bdi", {}, request.filename)),
		statePill(request.state),
		h("span", { class: "quiet small number images" }, said.progress(counts.done, counts.images)),
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
	return h(
		"button",
		{ class: "button plain", type: "button", "aria-label": label, on: { click: remove } },
		icon(TRASH),
	);
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

/** @param {string} text @param {boolean} isDisabled @param {() => void} click */
const button = (text, isDisabled, click) =>
	h("button", { class: "button", type: "button", disabled: isDisabled, on: { click } }, text);
