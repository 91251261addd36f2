// Sends a form with a file: with progress in bytes, which only XMLHttpRequest tells, and an end on wish.

import { anotherKey, keyHeaders, theKey } from "./key.js";
import { problemOf, Silent, Unreachable } from "./problem.js";
import { tellBack } from "./reach.js";

// What the system takes of a file comes in pieces: on a slow line a minute may lie between two of them. And a large
// file may wait for others. So the waits double with each silence: a slow line is not given up for ever.
const SILENT_SECONDS = 60; // while the file goes out
const ANSWER_SECONDS = 600; // from there on
const MOST_TIMES = 16;

/**
 * @template T
 * @param {string} path
 * @param {FormData} form
 * @param {Page.Sending} sending
 * @returns {Promise<T>}
 */
export async function send(path, form, sending) {
	const key = theKey();
	const answer = await sent(path, form, sending);
	tellBack();
	if (answer.status === 401) {
		await anotherKey(key);
		return send(path, form, sending);
	}
	if (answer.status >= 200 && answer.status < 300) return taken(answer.responseText);
	throw problemOf(answer.status, answer.responseText, answer.getResponseHeader("Retry-After"));
}

/** What is no JSON was said by somebody on the way, as by a hotel's network that wants a login first. @param {string} text */
function taken(text) {
	try {
		return JSON.parse(text);
	} catch {
		throw new Unreachable("somebody else answered");
	}
}

/** @param {string} path @param {FormData} form @param {Page.Sending} sending @returns {Promise<XMLHttpRequest>} */
function sent(path, form, { signal, headers = {}, onProgress, silences = 0 }) {
	return new Promise((resolve, reject) => {
		const call = new XMLHttpRequest();
		const abort = () => call.abort();
		const times = Math.min(2 ** silences, MOST_TIMES);
		let timer = 0;
		/** A connection that died in silence is one that nobody answers. @param {number} seconds */
		function waitAtMost(seconds) {
			clearTimeout(timer);
			timer = setTimeout(
				() => {
					reject(new Silent("nobody takes it"));
					abort();
				},
				1000 * times * seconds,
			);
		}
		call.open("POST", path);
		for (const [name, value] of Object.entries({ ...headers, ...keyHeaders() })) call.setRequestHeader(name, value);
		call.upload.addEventListener("progress", (event) => {
			onProgress({ sent: event.loaded, total: event.total });
			waitAtMost(SILENT_SECONDS);
		});
		call.upload.addEventListener("load", () => waitAtMost(ANSWER_SECONDS));
		call.addEventListener("load", () => resolve(call));
		call.addEventListener("error", () => reject(new Unreachable("nobody answered")));
		call.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
		call.addEventListener("loadend", () => {
			clearTimeout(timer);
			signal.removeEventListener("abort", abort);
		});
		signal.addEventListener("abort", abort);
		if (signal.aborted) return reject(new DOMException("stopped", "AbortError"));
		call.send(form);
		waitAtMost(SILENT_SECONDS);
	});
}
