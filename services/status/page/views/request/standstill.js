// Why a request stands still: its next image was tried in vain, and is tried again by itself.

import { hostOf } from "../../api/addresses.js";
import { listImages } from "../../api/requests.js";
import { h } from "../../element.js";
import { words } from "../../words/words.js";
import { announce } from "../announce.js";

const STILL_SECONDS = 20;

/** @param {string} id @param {AbortSignal} signal */
export function standstill(id, signal) {
	const place = h("p", { class: "quiet name", hidden: true });
	let standing = { at: "", lookAt: 0 };
	let told = "";

	/** Often, also while nothing is new. @param {Api.Request} request @param {number} now in seconds */
	function look(request, now) {
		const at = `${request.state} ${request.counts.remaining}`;
		if (at !== standing.at) {
			standing = { at, lookAt: now + STILL_SECONDS };
			place.hidden = true;
		}
		if (request.state !== "processing" || now < standing.lookAt) return;
		standing.lookAt = now + STILL_SECONDS;
		ask(standing);
	}

	/** What goes on meanwhile stands still no more. @param {typeof standing} asked */
	async function ask(asked) {
		const page = await listImages(id, { state: "planned", limit: 1 }, signal).catch(() => null);
		if (page !== null && asked === standing && !signal.aborted) show(page.items[0]);
	}

	/** Who listens hears the same only once. @param {Api.Image | undefined} next */
	function show(next) {
		place.hidden = !next?.last_code;
		if (!next?.last_code) return;
		const sentence = words.request.running.still(hostOf(next.input_url), next.last_code);
		place.textContent = sentence;
		if (sentence !== told) announce(sentence);
		told = sentence;
	}

	return { place, look };
}
