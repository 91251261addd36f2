// All requests, the newest first: by state, found by name or number, a page at a time.

import { pause } from "../api/pause.js";
import { isAborted } from "../api/problem.js";
import { listRequests, readUsage } from "../api/requests.js";
import { bdi, div, fill, h, h2, icon, p, span, ul } from "../element.js";
import { bytes, dayOf, fromTo, savedPercent, since, when } from "../format.js";
import { FILE, SEARCH, TRASH } from "../icons.js";
import { addressOf } from "../router.js";
import { words } from "../words/words.js";
import { announce } from "./announce.js";
import { button } from "./button.js";
import { failure } from "./failure.js";
import { isLeaving, removals, removeSoon } from "./removal.js";
import { statePill } from "./state_pill.js";
import { tabs } from "./tabs.js";

const PAGE = 25;
const LOOK_AGAIN_SECONDS = 5; // while one of those that are shown runs
const TYPING_MILLISECONDS = 250;
const ALL = "all"; // no state of a request

// What was looked at last: whoever comes back from a request finds it again.
let state = ALL;
let asked = "";
/** @type {(string | null)[]} where each page up to that one begins */
let cursors = [null];
let scrolled = 0;

/** @returns {Page.View} */
export function listView() {
	const said = words.list;
	const rows = div("", p("quiet coming", words.coming));
	const pager = h("nav", { class: "row", "aria-label": said.title, hidden: true });
	let calls = new AbortController();

	async function load() {
		calls.abort();
		calls = new AbortController();
		const { signal } = calls;
		try {
			const page = await read(signal);
			show(page);
			scrollTo(0, scrolled);
			scrolled = 0;
			followThem(page, signal);
		} catch (error) {
			if (!isAborted(error)) fill(rows, failure(error, load));
		}
	}

	/** @param {AbortSignal} signal */
	async function read(signal) {
		const what = { state: state === ALL ? undefined : state, search: asked, limit: PAGE };
		let page = await listRequests({ ...what, cursor: cursors.at(-1) }, signal);
		// A search looks through so many requests at a time, and may have found none among them.
		while (page.items.length === 0 && page.next !== null)
			page = await listRequests({ ...what, cursor: page.next }, signal);
		return page;
	}

	/** @param {Api.Page<Api.RequestSummary>} page */
	function show(page) {
		fill(rows, page.items.length > 0 ? table(page.items) : empty(state !== ALL || asked !== ""));
		fill(pager, ...turns(page.next));
		pager.hidden = cursors.length === 1 && page.next === null;
		announce(said.found(page.items.length));
	}

	/** As long as some of them run. @param {Api.Page<Api.RequestSummary>} page @param {AbortSignal} signal */
	async function followThem(page, signal) {
		let latest = page;
		while (!signal.aborted && latest.items.some(({ completed_at }) => completed_at === null)) {
			await pause(LOOK_AGAIN_SECONDS, signal);
			latest = await read(signal).catch(() => latest); // what is away is told by the banner
			if (!signal.aborted) showNews(latest);
		}
	}

	/** Line by line; none is taken from under a hand. @param {Api.Page<Api.RequestSummary>} page */
	function showNews(page) {
		for (const each of page.items) {
			const shown = rows.querySelector(`[data-request="${each.request_id}"]`);
			if (shown === null) return show(page);
			if (!shown.matches(":focus-within, :active")) shown.replaceWith(line(each));
		}
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

	/** Once nothing of a page is left: the first is read again, a later one gives way to the one before. */
	function fillUp() {
		if (rows.querySelector(".requests") === null || rows.querySelector("li:not([hidden])") !== null) return;
		turn(cursors.length > 1 ? cursors.slice(0, -1) : cursors);
	}

	const states = tabs(said.filter, { [ALL]: said.all, ...said.states }, state, (chosen) => {
		state = chosen;
		turn([null]);
	});
	function ask() {
		if (asked === search.value.trim()) return;
		asked = search.value.trim();
		cursors = [null];
	}
	let typing = 0;
	const search = h("input", {
		type: "search",
		value: asked,
		"aria-label": said.search,
		placeholder: said.search,
		on: {
			input: () => {
				clearTimeout(typing);
				typing = setTimeout(() => {
					ask();
					load();
				}, TYPING_MILLISECONDS);
			},
		},
	});
	const usage = p("quiet small number stored");
	const stop = new AbortController();
	removals.addEventListener("gone", fillUp, { signal: stop.signal });
	return {
		show: (place) => {
			const found = div("search", icon(SEARCH), search);
			const head = div("row apart", states.place, found);
			place.append(div("stack", h("h1", {}, said.title), head, rows, pager, usage));
			showUsage(usage, stop.signal);
			load();
		},
		leave: () => {
			clearTimeout(typing);
			scrolled = scrollY;
			ask();
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
	return ul(
		"requests card",
		requests.map((each) => line(each)),
	);
}

/** @param {Api.RequestSummary} request */
function line(request) {
	const { request_id: id, filename, counts } = request;
	const percent = savedPercent(request.bytes_in, request.bytes_out);
	const saved = percent > 0 ? fromTo(request.bytes_in, request.bytes_out) : "";
	return h(
		"li",
		{ "data-request": id, hidden: isLeaving(id) },
		h("a", { class: "name", href: addressOf(id) }, bdi("", filename)),
		statePill(request),
		span("quiet small number images", words.request.running.count(counts.done, counts.images)),
		span("quiet small number saved", saved),
		h(
			"time",
			{ class: "quiet small when", datetime: request.created_at, title: when(request.created_at) },
			since(request.created_at),
		),
		button("button plain", icon(TRASH), () => removeSoon(request), {
			"aria-label": `${words.list.remove}: ${filename}`,
		}),
	);
}

/** @param {boolean} isSearch */
function empty(isSearch) {
	const said = words.list;
	return div(
		"empty",
		icon(isSearch ? SEARCH : FILE),
		h2("", isSearch ? said.noneFound : said.empty),
		p("", isSearch ? said.noneFoundHint : said.emptyHint),
		!isSearch && h("a", { class: "button main", href: "#/" }, said.create),
	);
}
