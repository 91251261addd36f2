// The files on their way: each is judged, and sent when somebody says so. One is judged and one is sent at a time.

import { call } from "../api/client.js";
import { pause, pauseSeconds } from "../api/pause.js";
import { isAborted, mayPass, Problem, Silent, Unreachable } from "../api/problem.js";
import { send } from "../api/upload.js";
import { MOST_FILES } from "./dropped.js";
import { answered, fingerprintOf, keyFor } from "./idempotency.js";
import { noteSent, sentBefore } from "./sent_before.js";

export class Entry extends EventTarget {
	/** @type {Page.Phase} */
	phase = "waiting";
	/** @type {Page.Progress} */
	progress = { sent: 0, total: 0 };
	/** @type {Api.Verdict | null} */
	verdict = null;
	/** What it was sent as before. @type {Api.Request | null} */
	before = null;
	/** @type {Problem | null} */
	problem = null;
	/** Why it waits for the server, if it does. @type {string | null} */
	delay = null;
	/** @type {string | null} */
	requestId = null;
	/** What a person said of the file, where the server did not find it out. @type {{encoding?: string, columns?: string}} */
	said = {};
	stop = new AbortController();

	/** @param {File} file */
	constructor(file) {
		super();
		this.file = file;
	}

	/** @param {Partial<Entry>} news */
	tell(news) {
		Object.assign(this, news);
		this.dispatchEvent(new Event("news"));
	}
}

export class Basket extends EventTarget {
	/** @type {Entry[]} */
	entries = [];
	#judging = Promise.resolve();
	#sending = Promise.resolve();

	/** As many as one can look at; those that were sent are none of them. @param {File[]} files @returns {boolean} whether all were taken */
	add(files) {
		const room = Math.max(0, MOST_FILES - this.entries.filter(({ phase }) => phase !== "sent").length);
		const added = files.slice(0, room).map((file) => new Entry(file));
		this.entries = [...this.entries, ...added];
		for (const entry of added) {
			entry.addEventListener("news", () => this.dispatchEvent(new Event("news")));
			this.judge(entry);
		}
		this.dispatchEvent(new Event("entries"));
		return files.length <= room;
	}

	/** @param {Entry} entry */
	remove(entry) {
		entry.stop.abort();
		this.entries = this.entries.filter((each) => each !== entry);
		this.dispatchEvent(new Event("entries"));
	}

	/** @param {Entry} entry */
	judge(entry) {
		entry.stop = new AbortController();
		entry.tell({ phase: "waiting", problem: null, verdict: null, before: null, progress: { sent: 0, total: 0 } });
		const { signal } = entry.stop; // of this judging, whatever was begun anew before its turn
		this.#judging = this.#judging.then(() => judged(entry, signal));
	}

	/** @param {Entry} entry @param {Page.Options} options */
	send(entry, options) {
		entry.stop = new AbortController();
		entry.tell({ phase: "queued", problem: null, progress: { sent: 0, total: entry.file.size } });
		const { signal } = entry.stop;
		this.#sending = this.#sending.then(() => sent(entry, options, signal));
	}

	/** Back to what it was before it was sent; the key is kept, so that sending it again is safe. @param {Entry} entry */
	abort(entry) {
		entry.stop.abort();
		entry.tell({ phase: "judged", delay: null });
	}
}

/** @param {Entry} entry @param {AbortSignal} signal */
async function judged(entry, signal) {
	if (signal.aborted) return;
	entry.tell({ phase: "judging" });
	try {
		const form = formOf(entry, { on_invalid: "skip" });
		/** @type {Api.Verdict} */
		const verdict = await patiently(entry, (silences) =>
			send("/v1/validate", form, { signal, onProgress: progressOf(entry), silences }),
		);
		const before = await sentBefore(entry.file);
		if (!signal.aborted) entry.tell({ phase: "judged", verdict, before });
	} catch (error) {
		refuse(entry, error);
	}
}

/** @param {Entry} entry @param {Page.Options} options @param {AbortSignal} signal */
async function sent(entry, options, signal) {
	if (signal.aborted) return;
	entry.tell({ phase: "sending" });
	const before = entry.before ?? (await sentBefore(entry.file));
	if (signal.aborted) return;
	if (before !== entry.before) return entry.tell({ phase: "judged", before }); // meanwhile, as by another tab
	const fields = fieldsOf(entry, options);
	const fingerprint = fingerprintOf(entry.file, fields);
	const sending = { signal, headers: { "Idempotency-Key": keyFor(fingerprint) }, onProgress: progressOf(entry) };
	try {
		/** @type {Api.Accepted} */
		const accepted = await patiently(entry, (silences) =>
			send("/v1/requests", formOf(entry, fields), { ...sending, silences }),
		);
		answered(fingerprint);
		noteSent(entry.file, accepted.request_id);
		entry.tell({ phase: "sent", requestId: accepted.request_id });
	} catch (error) {
		if (error instanceof Problem) answered(fingerprint);
		refuse(entry, error);
	}
}

/**
 * Goes on through times in which the server is away or has no room.
 * @template T
 * @param {Entry} entry
 * @param {(silences: number) => Promise<T>} call told how often it ended in silence so far
 * @returns {Promise<T>}
 */
async function patiently(entry, call) {
	const { signal } = entry.stop;
	for (let tries = 0, silences = 0; ; tries += 1) {
		try {
			const answer = await call(silences);
			entry.tell({ delay: null });
			return answer;
		} catch (error) {
			if (!mayPass(error)) throw error;
			if (error instanceof Silent) silences += 1;
			if (error instanceof Unreachable) await entry.file.slice(0, 1).arrayBuffer(); // was it the file?
			signal.throwIfAborted();
			entry.tell({ delay: error instanceof Problem ? error.message : "" });
			await pause((error instanceof Problem && error.retryAfterSeconds) || pauseSeconds(tries), signal);
		}
	}
}

/** @param {Entry} entry @param {unknown} error */
function refuse(entry, error) {
	if (isAborted(error)) return;
	const problem = error instanceof DOMException ? new Problem(0, {}, null) : error; // a file that was moved or changed
	if (!(problem instanceof Problem)) throw error;
	entry.tell({ phase: "refused", problem, delay: null });
}

/** @param {Entry} entry */
const progressOf = (entry) => (/** @type {Page.Progress} */ progress) => entry.tell({ progress });

/** @param {Entry} entry @param {Page.Options} options @returns {{[name: string]: string}} */
function fieldsOf(entry, options) {
	const isFlawed = (entry.verdict?.errors_total ?? 0) > 0;
	return {
		quality: String(options.quality),
		format: options.format,
		priority: options.priority,
		webhook_url: options.webhook_url,
		on_invalid: isFlawed ? "skip" : "reject",
		...entry.said,
	};
}

/** @param {Entry} entry @param {{[name: string]: string}} fields */
function formOf(entry, fields) {
	const form = new FormData();
	for (const [name, value] of Object.entries({ ...fields, ...entry.said })) if (value !== "") form.append(name, value);
	form.append("file", entry.file, entry.file.name);
	return form;
}

/**
 * The caller's own file with what is wrong beside each row.
 * @param {Entry} entry
 */
export async function markedFile(entry) {
	const body = formOf(entry, { on_invalid: "skip" });
	const answer = await call("/v1/validate", {
		method: "POST",
		headers: { Accept: "text/csv" },
		body,
		takes: 400,
		endless: true,
	});
	return answer.blob();
}
