// Follows a request up to its end: its progress by server-sent events, read with fetch because a key travels in a
// header. A lost connection, a sleep or a restart only makes a pause.

import { call } from "./client.js";
import { pause, pauseSeconds } from "./pause.js";
import { isAborted, mayPass } from "./problem.js";
import { pathOf } from "./requests.js";

const SILENT_SECONDS = 40; // the server shows a sign of life every 15 s

/**
 * Resolves when the request has ended; rejects when it cannot be followed at all.
 * @param {string} id
 * @param {Page.Following} following
 */
export async function follow(id, { onRequest, onLost, signal }) {
	for (let tries = 0; !signal.aborted; tries += 1) {
		try {
			const hasEnded = await listen(id, signal, (request) => {
				tries = 0;
				onRequest(request);
			});
			if (hasEnded) return;
		} catch (error) {
			if (signal.aborted) return;
			if (!(mayPass(error) || isAborted(error) || error instanceof TypeError)) throw error;
			onLost();
		}
		await pause(pauseSeconds(tries), signal);
	}
}

/**
 * One connection.
 * @param {string} id
 * @param {AbortSignal} signal
 * @param {(request: Api.Request) => void} onRequest
 * @returns {Promise<boolean>} whether the request has ended
 */
async function listen(id, signal, onRequest) {
	const silence = new AbortController();
	const ends = AbortSignal.any([signal, silence.signal]);
	addEventListener("offline", () => silence.abort(), { signal: ends }); // the connection would only look alive
	const answer = await call(pathOf(id, "/events"), { signal: ends, endless: true });
	const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
	const decoder = new TextDecoder();
	let text = "";
	let latest = /** @type {Api.Request | null} */ (null);
	for (;;) {
		const { done, value } = await withinSilence(reader.read(), silence);
		if (done) return latest !== null && latest.completed_at !== null;
		const events = (text + decoder.decode(value, { stream: true })).split("\n\n");
		text = events.pop() ?? "";
		latest = latestOf(events) ?? latest;
		if (latest !== null && events.length > 0) onRequest(latest);
	}
}

/**
 * @template T
 * @param {Promise<T>} reading
 * @param {AbortController} silence
 * @returns {Promise<T>}
 */
async function withinSilence(reading, silence) {
	const timer = setTimeout(() => silence.abort(), 1000 * SILENT_SECONDS);
	try {
		return await reading;
	} finally {
		clearTimeout(timer);
	}
}

/**
 * Of several that came at once only the last is of interest.
 * @param {string[]} events
 * @returns {Api.Request | null}
 */
function latestOf(events) {
	const last = events.findLast((event) => event.startsWith("event: progress\n"));
	const line = last?.split("\n").find((each) => each.startsWith("data: "));
	return line === undefined ? null : JSON.parse(line.slice("data: ".length));
}
