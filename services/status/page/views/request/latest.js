// A few of the pictures that are done, while the others are made.

import { pause } from "../../api/pause.js";
import { listImages } from "../../api/requests.js";
import { div, fill, h, h2 } from "../../element.js";
import { words } from "../../words/words.js";
import { compare } from "./compare.js";
import { grid } from "./gallery.js";

const SHOWN = 6;
const LOOKED_AT = 60;
const PAUSE_SECONDS = 2;

/** @param {string} id @param {AbortSignal} signal */
export function latestPictures(id, signal) {
	const list = div("");
	const place = h("section", { class: "stack latest", hidden: true }, h2("", words.request.gallery.latest), list);
	/** @type {Api.Image[]} */
	let shown = [];
	/** @type {Api.Request | null} */
	let wanted = null;
	let isBusy = false;

	/** @param {Api.Image} image @param {1 | -1} step */
	const besides = (image, step) => shown[shown.findIndex(({ id: each }) => each === image.id) + step] ?? null;
	/** @type {Page.Neighbours} */
	const neighbours = {
		find: async (image, step) => besides(image, step),
		isThere: (image, step) => besides(image, step) !== null,
	};

	/** @param {Api.Image[]} items */
	function show(items) {
		if (items.every(({ id: each }, at) => each === shown[at]?.id)) return;
		shown = items;
		place.hidden = false;
		fill(
			list,
			grid(items, (image) => compare(image, neighbours)),
		);
	}

	/** Also by a dialog, in which one of them is looked at: it goes on from it, and gives the focus back to it. */
	const isInUse = () => list.matches(":focus-within, :hover") || document.querySelector("dialog[open]") !== null;

	/**
	 * Images are begun in the order of the file: the latest lie about where it has come. No answer has given a cursor
	 * that leads there, and to come to one takes a call for each page before it. This one is the ordinal that status, of
	 * which this page is a part, writes into its own.
	 * @param {Api.Request} request
	 */
	async function read({ counts }) {
		const cursor = String(Math.max(0, counts.done + counts.failed - LOOKED_AT / 2));
		const page = await listImages(id, { state: "done", cursor, limit: LOOKED_AT }, signal).catch(() => null);
		if (page !== null && page.items.length > 0) show(page.items.slice(-SHOWN));
	}

	/**
	 * One call at a time, not more often than one can look at, and nothing is taken from under a hand.
	 * @param {Api.Request} request
	 */
	async function look(request) {
		if (request.counts.done > 0) wanted = request;
		if (isBusy) return;
		isBusy = true;
		while (wanted !== null && !signal.aborted) {
			const now = wanted;
			if (!isInUse()) {
				wanted = null;
				await read(now);
			}
			await pause(PAUSE_SECONDS, signal);
		}
		isBusy = false;
	}
	return { place, look };
}
