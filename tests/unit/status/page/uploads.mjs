// How long an upload waits for its connection: `node uploads.mjs NAME` fails where it is given up too soon, or never.

import assert from "node:assert/strict";
import "./document.mjs";
import { until } from "./server.mjs";

const { Basket, Entry } = await import("../../../../services/status/page/sending/basket.js");
const { send } = await import("../../../../services/status/page/api/upload.js");

let now = 0;
let timers = [];
globalThis.setTimeout = (act, milliseconds) => {
	const timer = { act, at: now + milliseconds / 1000 };
	timers.push(timer);
	return timer;
};
globalThis.clearTimeout = (timer) => {
	timers = timers.filter((each) => each !== timer);
};

function pass(seconds) {
	now += seconds;
	const due = timers.filter(({ at }) => at <= now);
	timers = timers.filter(({ at }) => at > now);
	for (const { act } of due) act();
}

class Upload extends EventTarget {
	upload = new EventTarget();
	isGivenUp = false;
	status = 202;
	responseText = '{"request_id": "0193"}';

	open() {}
	setRequestHeader() {}
	getResponseHeader() {}
	send() {
		upload = this;
	}

	abort() {
		this.isGivenUp = true;
		this.#end("abort");
	}

	takes(sent) {
		this.upload.dispatchEvent(Object.assign(new Event("progress"), { loaded: sent, total: 100 }));
	}

	hasAll() {
		this.upload.dispatchEvent(new Event("load"));
	}

	answer() {
		this.#end("load");
	}

	#end(how) {
		this.dispatchEvent(new Event(how));
		this.dispatchEvent(new Event("loadend"));
	}
}
/** @type {Upload} */
let upload;
globalThis.XMLHttpRequest = Upload;

/** What became of it is told once it is known. */
async function begun(silences) {
	const told = { outcome: "none" };
	const { signal } = new AbortController();
	send("/v1/requests", null, { signal, onProgress: () => {}, silences }).then(
		() => Object.assign(told, { outcome: "taken" }),
		(error) => Object.assign(told, { outcome: error.constructor.name }),
	);
	await new Promise(setImmediate);
	return told;
}

const outcome = async (told) => {
	await new Promise(setImmediate);
	return told.outcome;
};

const stories = {
	async one_on_a_slow_line() {
		const told = await begun();
		for (let sent = 0; sent < 100; sent += 1) {
			pass(59);
			upload.takes(sent);
		}
		upload.hasAll();
		pass(599);
		assert.equal(await outcome(told), "none");
		upload.answer();
		assert.equal(await outcome(told), "taken");
		assert.deepEqual(timers, []);
	},

	async one_of_which_nothing_is_taken() {
		const told = await begun();
		upload.takes(1);
		pass(61);
		assert.equal(await outcome(told), "Silent");
	},

	async one_that_is_never_answered() {
		const told = await begun();
		upload.takes(100);
		upload.hasAll();
		pass(601);
		assert.equal(await outcome(told), "Silent");
	},

	async one_that_was_in_vain_before() {
		const told = await begun(2);
		pass(239);
		upload.takes(100);
		upload.hasAll();
		pass(2_399);
		assert.equal(await outcome(told), "none");
		pass(2);
		assert.equal(await outcome(told), "Silent");
	},

	async one_that_is_tried_again() {
		const entry = new Entry(new File(["a"], "spring.csv"));
		new Basket().send(entry, { quality: 50, format: "keep", priority: "normal", webhook_url: "" });
		await until(() => upload);
		const first = upload;
		pass(61);
		await until(() => entry.delay !== null && timers.length > 0);
		pass(2); // the pause before the next try
		await until(() => upload !== first);
		pass(119);
		assert.equal(upload.isGivenUp, false);
		pass(2);
		assert.equal(upload.isGivenUp, true);
	},

	async one_that_found_no_room_before() {
		const entry = new Entry(new File(["a"], "spring.csv"));
		new Basket().send(entry, { quality: 50, format: "keep", priority: "normal", webhook_url: "" });
		await until(() => upload);
		for (let busy = 0; busy < 5; busy += 1) {
			const before = upload;
			Object.assign(upload, { status: 503, responseText: "{}" }).answer();
			await until(() => timers.length > 0);
			pass(30);
			await until(() => upload !== before);
		}
		pass(61);
		assert.equal(upload.isGivenUp, true);
	},

	async one_that_was_in_vain_very_often() {
		const told = await begun(1_000);
		pass(16 * 60 + 1);
		assert.equal(await outcome(told), "Silent");
	},
};

await stories[process.argv[2]]();
process.exit(0);
