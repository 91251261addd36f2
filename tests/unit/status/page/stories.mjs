// Answers that come late, or in another order than they were made: `node stories.mjs NAME` fails where one of them
// turns the page back.

import assert from "node:assert/strict";
import "./document.mjs";
import { count, next, until } from "./server.mjs";

const { Basket, Entry } = await import("../../../../services/status/page/sending/basket.js");
const { lookNow, tellAway, tellBack } = await import("../../../../services/status/page/api/reach.js");
const { announcer } = await import("../../../../services/status/page/views/announce.js");
const { requestView } = await import("../../../../services/status/page/views/request.js");
const ID = "0193";
const stage = document.body;

/** @param {string} state */
const request = (state, more = {}) => ({
	request_id: ID,
	run: 1,
	state,
	progress: 50,
	counts: { products: 1, images: 2, done: 1, failed: 0, cancelled: 0, remaining: 1 },
	filename: "spring.csv",
	created_at: "2026-11-20T10:00:00Z",
	completed_at: null,
	expires_at: null,
	eta_seconds: null,
	bytes_in: 2,
	bytes_out: 1,
	failures: [],
	webhook: null,
	...more,
});
const END = "2026-11-20T10:01:00Z";
const PART = { ...request("").counts, cancelled: 1, remaining: 0 };
const CANCELLED = request("cancelled", { completed_at: END, counts: PART });
const WEBHOOK = { webhook: { url: "http://shop.example/hook", triggered: true, attempts: 3, state: "exhausted" } };
const STANDING = request("processing", { counts: { ...request("").counts, done: 0, remaining: 2 } });
const FURTHER = request("processing", { counts: { ...STANDING.counts, failed: 1, remaining: 1 } });
const delivery = (run, state) => ({ webhook_id: `w${run}`, run, state, attempts: 3, next_attempt_at: null, log: [] });

const NEXT_IMAGE = "/images?state=planned&limit=1";
const waiting = (code) => ({ items: [{ input_url: "http://shop.example/1.jpg", last_code: code }], next: null });
const AT_502 =
	"Nothing new for a while: the last try of an image at shop.example ended in http_502. It is tried again by itself.";

/** What is said of that, if anything is. */
function standstill() {
	const line = stage.all.find((each) => each.attributes.get("class") === "quiet name");
	return line.hidden ? null : line.textContent;
}

const pill = () => stage.all.find((each) => each.attributes.get("class")?.startsWith("pill"))?.textContent;

async function click(name) {
	const found = () =>
		stage.all.findLast((each) => each.attributes.get("type") === "button" && each.textContent === name);
	await until(found);
	found().dispatchEvent(new Event("click"));
}

/** What waits for its time, which never comes. */
function timersAtHand() {
	const timers = new Set();
	globalThis.setTimeout = (act) => {
		const timer = { act };
		timers.add(timer);
		return timer;
	};
	globalThis.clearTimeout = (timer) => timers.delete(timer);
	return timers;
}

/** Seconds pass when the story says so, each with all that waits for one. */
function secondsAtHand(told = STANDING) {
	let now = 0;
	const looks = new Set();
	performance.now = () => 1000 * now;
	globalThis.setTimeout = (act, milliseconds) => {
		if (milliseconds === 1000) looks.add(act);
		return act;
	};
	globalThis.clearTimeout = (act) => looks.delete(act);
	return async (seconds) => {
		for (const end = now + seconds; now < end; ) {
			await until(() => looks.size > 0);
			now += 1;
			for (const look of looks) look();
			await new Promise(setImmediate);
			while (count("GET", ID) > 0) await (await next("GET", ID)).answer(told);
		}
	};
}

async function follows(told) {
	const view = requestView(ID);
	view.show(stage);
	(await next("GET", ID)).answer(told);
	return { view, stream: (await next("GET", "/events")).stream() };
}

const stories = {
	async a_cancel_that_is_answered_after_the_end() {
		const { stream } = await follows(request("processing"));
		await click("Stop it");
		const cancel = await next("POST", "/cancel");
		await stream.tell(CANCELLED);
		assert.equal(pill(), "Cancelled");
		await cancel.answer(request("cancelling"));
		assert.equal(pill(), "Cancelled");
		assert.match(document.title, /^Cancelled/);
	},

	async progress_that_is_told_after_a_cancel_was_answered() {
		const { stream } = await follows(request("processing"));
		await click("Stop it");
		await (await next("POST", "/cancel")).answer(request("cancelling"));
		assert.equal(pill(), "Stopping");
		await stream.tell(request("processing", { progress: 60 }));
		assert.equal(pill(), "Stopping");
		await stream.tell(CANCELLED);
		assert.equal(pill(), "Cancelled");
		stream.end();
		await until(() => stage.textContent.includes("1 image was not begun"));
	},

	async a_cancel_that_is_answered_when_another_view_is_there() {
		const { view } = await follows(request("processing"));
		await click("Stop it");
		const cancel = await next("POST", "/cancel");
		view.leave();
		document.title = "Requests";
		await cancel.answer(request("cancelling"));
		assert.equal(document.title, "Requests");
	},

	async the_end_of_a_run_that_is_told_after_the_next_has_begun() {
		const ended = request("completed", { completed_at: END, failures: [{ code: "timed_out", count: 1 }] });
		const again = request("processing", { run: 2 });
		requestView(ID).show(stage);
		(await next("GET", ID)).answer(ended);
		await click("Try all of them again");
		await (await next("POST", "/retry")).answer(again);
		(await next("GET", ID)).answer(again);
		const stream = (await next("GET", "/events")).stream();
		await stream.tell(ended);
		assert.equal(pill(), "Running");
		await stream.tell({ ...again, progress: 75 });
		assert.match(document.title, /^75/);
	},

	async a_look_that_goes_on_by_itself_and_was_asked_for_as_well() {
		requestView(ID).show(stage);
		(await next("GET", ID)).answer({}, 503);
		await click("Try again");
		(await next("GET", ID)).answer(request("processing")); // by which the server is back
		(await next("GET", ID)).answer(request("processing"));
		await until(() => count("GET", "/events") > 0 && pill() === "Running");
		await new Promise((done) => setImmediate(done));
		assert.equal(count("GET", "/events"), 1);
	},

	async nothing_new_for_a_while() {
		const pass = secondsAtHand();
		const { stream } = await follows(STANDING);
		await pass(19);
		assert.equal(count("GET", NEXT_IMAGE), 0);
		await pass(1);
		await (await next("GET", "/images")).answer(waiting(null)); // which was never asked for
		assert.equal(standstill(), null);
		await pass(20);
		await (await next("GET", "/images")).answer(waiting("http_502"));
		assert.equal(standstill(), AT_502);
		assert.equal(announcer().textContent, AT_502);
		announcer().textContent = "";
		await pass(20);
		(await next("GET", "/images")).answer({}, 500);
		await pass(20);
		assert.equal(standstill(), AT_502);
		await (await next("GET", "/images")).answer(waiting("http_502"));
		assert.equal(announcer().textContent, "");
		await stream.tell(FURTHER);
		assert.equal(standstill(), null);
	},

	async why_a_request_stood_still_that_is_answered_when_it_goes_on() {
		const pass = secondsAtHand();
		const { stream } = await follows(STANDING);
		await pass(20);
		const late = await next("GET", "/images");
		await stream.tell(FURTHER);
		await late.answer(waiting("http_502"));
		assert.equal(standstill(), null);
	},

	async why_a_request_stands_still_that_is_being_stopped() {
		const stopping = request("cancelling", { counts: STANDING.counts });
		const pass = secondsAtHand(stopping);
		await follows(stopping);
		await pass(60);
		assert.equal(count("GET", NEXT_IMAGE), 0);
	},

	async deliveries_that_were_asked_for_before_one_was_sent_again() {
		requestView(ID).show(stage);
		(await next("GET", ID)).answer(request("completed", { completed_at: END, ...WEBHOOK }));
		await (await next("GET", "/deliveries")).answer({ items: [delivery(2, "waiting"), delivery(1, "exhausted")] });
		dispatchEvent(new Event("online")); // it looks again without a pause
		const early = await next("GET", "/deliveries");
		await click("Send it again");
		await (await next("POST", "/redeliver")).answer(request("completed", { completed_at: END, ...WEBHOOK }));
		await (await next("GET", "/deliveries")).answer({ items: [delivery(2, "delivered"), delivery(1, "delivered")] });
		assert.ok(!stage.textContent.includes("Given up"));
		await early.answer({ items: [delivery(2, "waiting"), delivery(1, "exhausted")] });
		assert.ok(!stage.textContent.includes("Given up"));
	},

	async examples_of_a_failure_that_lie_behind_a_thousand_others() {
		const failures = [
			{ code: "http_404", count: 1000 },
			{ code: "timed_out", count: 1 },
		];
		requestView(ID).show(stage);
		(await next("GET", ID)).answer(request("completed", { completed_at: END, failures }));
		await (await next("GET", "/images")).answer({ items: [], next: null }); // the gallery's
		const list = stage.all.findLast((each) => each.attributes.get("class") === "examples");
		list.parent.open = true;
		list.parent.dispatchEvent(new Event("toggle"));
		const image = (code) => ({ code, input_url: `http://shop.example/${code}.jpg` });
		await (await next("GET", "/images")).answer({ items: Array(1000).fill(image("http_404")), next: "1000" });
		const second = await next("GET", "/images");
		assert.match(second.path, /cursor=1000/);
		await second.answer({ items: [image("timed_out"), image("http_404")], next: "2000" });
		assert.equal(list.textContent, "http://shop.example/timed_out.jpg");
		assert.equal(count("GET", "/images"), 0);
	},

	async looks_for_the_server_that_were_asked_for_while_others_were_on_their_way() {
		const timers = timersAtHand();
		tellAway();
		lookNow();
		lookNow();
		for (const look of [await next("HEAD", "/v1/requests"), await next("HEAD", "/v1/requests")]) look.answer({}, 503);
		await until(() => timers.size > 0);
		await new Promise((done) => setImmediate(done));
		assert.equal(timers.size, 1);
	},

	async a_look_for_the_server_that_nobody_answers() {
		const over = new AbortController();
		AbortSignal.timeout = () => over.signal;
		const timers = timersAtHand();
		tellAway();
		lookNow();
		await next("HEAD", "/v1/requests");
		assert.equal(timers.size, 0);
		over.abort();
		await new Promise((done) => setImmediate(done));
		assert.equal(timers.size, 1);
	},

	async a_look_that_found_nobody_after_a_call_has_met_the_server() {
		const timers = timersAtHand();
		tellAway();
		lookNow();
		const look = await next("HEAD", "/v1/requests");
		tellBack();
		look.answer({}, 503);
		await new Promise((done) => setImmediate(done));
		assert.equal(timers.size, 0);
	},

	async an_upload_that_finds_nobody_when_it_is_already_stopped() {
		const [basket, entry] = [new Basket(), new Entry(new File(["a"], "spring.csv"))];
		const told = [];
		entry.addEventListener("news", () => told.push(entry.delay));
		entry.file.slice = () => ({ arrayBuffer: async () => basket.abort(entry) });
		basket.send(entry, { quality: 50, format: "keep", priority: "normal", webhook_url: "" });
		await until(() => entry.phase === "judged");
		await new Promise((done) => setImmediate(done));
		assert.deepEqual(
			told.filter((delay) => delay !== null),
			[],
		);
	},
};

await stories[process.argv[2]]();
process.exit(0); // the page would go on looking
