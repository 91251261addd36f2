// A request that runs: how far it is, how fast, how long it will take.

import { pause } from "../../api/pause.js";
import { readRequest } from "../../api/requests.js";
import { div, h, icon, p, section, span } from "../../element.js";
import { bytes, decimal, duration, number } from "../../format.js";
import { CLOUD } from "../../icons.js";
import { words } from "../../words/words.js";
import { announce } from "../announce.js";
import { latestPictures } from "./latest.js";
import { noticeButton } from "./notice.js";
import { Rates } from "./rates.js";
import { standstill } from "./standstill.js";

const TOLD_EVERY_PERCENT = 25;
const SILENT_SECONDS = 5;

/** @param {string} id @param {AbortSignal} signal */
export function runningPanel(id, signal) {
	const said = words.request.running;
	const rates = new Rates();
	const percent = p("figure number");
	const count = p("number");
	const facts = p("quiet number facts-line");
	const fill = span("");
	const bar = h(
		"div",
		{ class: "bar", role: "progressbar", "aria-label": said.label, "aria-valuemin": 0, "aria-valuemax": 100 },
		fill,
	);
	const lost = h("p", { class: "note warn", hidden: true }, icon(CLOUD), said.stale);
	let told = 0;
	const latestOnes = latestPictures(id, signal);
	const still = standstill(id, signal);
	const panel = section(
		"card stack",
		div("row apart", percent, noticeButton(id)),
		bar,
		div("row apart", count, facts),
		lost,
		still.place,
	);

	/** @type {Api.Request | null} */
	let latest = null;
	const seconds = () => performance.now() / 1000;
	let heardAt = seconds();

	/** @param {Api.Request} request */
	function show(request) {
		latest = request;
		heardAt = seconds();
		rates.see(request, heardAt);
		lost.hidden = true;
		percent.textContent = said.percent(decimal(request.progress));
		count.textContent =
			request.state === "pending" ? said.pending : said.count(endedOf(request), request.counts.images);
		bar.setAttribute("aria-valuenow", String(Math.floor(request.progress)));
		fill.style.width = `${request.progress}%`;
		showFacts();
		tell(request.progress);
		latestOnes.look(request);
		still.look(request, heardAt);
	}

	/** Each second: what does not move any more is no speed, and takes ever longer, of which no event tells. */
	async function watch() {
		for (; !signal.aborted; await pause(1, signal)) {
			showFacts();
			if (seconds() - heardAt >= SILENT_SECONDS) await ask();
			if (latest !== null) still.look(latest, seconds());
		}
	}
	watch();

	async function ask() {
		const before = latest;
		heardAt = seconds();
		const request = await readRequest(id, signal).catch(() => null);
		if (request !== null && latest === before) latest = request;
		showFacts();
	}

	function showFacts() {
		if (latest === null) return;
		// While the connection is lost, without a speed or a time left that nobody knows by then.
		const known = lost.hidden ? factsOf(latest, rates.aSecond(seconds())) : failedOf(latest);
		facts.textContent = known.join(" · ");
	}

	/** Seldom: who listens wants to hear something else meanwhile. @param {number} progress */
	function tell(progress) {
		const step = Math.floor(progress / TOLD_EVERY_PERCENT);
		if (step > told && progress < 100) announce(said.announce(number(step * TOLD_EVERY_PERCENT)));
		told = step;
	}

	return {
		place: div("stack", panel, latestOnes.place),
		show,
		showLost: () => {
			lost.hidden = false;
			showFacts();
		},
	};
}

/** @param {Api.Request} request */
const endedOf = ({ counts }) => counts.done + counts.failed + counts.cancelled;

/** @param {Api.Request} request @param {ReturnType<Rates["aSecond"]>} speed */
function factsOf(request, speed) {
	const said = words.request.running;
	const left = request.eta_seconds === null ? said.unknown : said.left(duration(request.eta_seconds));
	return [
		...(speed === null ? [] : [said.imagesRate(decimal(speed.images)), said.savedRate(bytes(Math.round(speed.saved)))]),
		...failedOf(request),
		left,
	];
}

/** @param {Api.Request} request */
const failedOf = ({ counts }) => (counts.failed > 0 ? [words.request.running.failed(counts.failed)] : []);
