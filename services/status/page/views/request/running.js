// A request that runs: how far it is, how fast, how long it will take.

import { h, icon } from "../../element.js";
import { bytes, decimal, duration, number } from "../../format.js";
import { CLOUD } from "../../icons.js";
import { words } from "../../words/words.js";
import { announce } from "../announce.js";
import { noticeButton } from "./notice.js";
import { Rates } from "./rates.js";

/** @typedef {import("../../api/shapes.js").PixmillRequest} PixmillRequest */

const TOLD_EVERY_PERCENT = 25;

/** @param {string} id */
export function runningPanel(id) {
	const said = words.request.running;
	const rates = new Rates();
	const percent = h("p", { class: "figure number" });
	const count = h("p", { class: "number" });
	const facts = h("p", { class: "quiet number facts-line" });
	const fill = h("span", {});
	const bar = h(
		"div",
		{ class: "bar", role: "progressbar", "aria-label": said.label, "aria-valuemin": 0, "aria-valuemax": 100 },
		fill,
	);
	const lost = h("p", { class: "note warn", hidden: true }, icon(CLOUD), said.stale);
	let told = 0;
	const place = h(
		"section",
		{ class: "card stack running" },
		h("div", { class: "row apart" }, percent, noticeButton(id)),
		bar,
		h("div", { class: "row apart" }, count, facts),
		lost,
	);

	/** @param {PixmillRequest} request */
	function show(request) {
		rates.see(request, performance.now() / 1000);
		lost.hidden = true;
		percent.textContent = said.percent(decimal(request.progress));
		count.textContent =
			request.state === "pending" ? said.pending : said.count(endedOf(request), request.counts.images);
		facts.textContent = factsOf(request, rates).join(" · ");
		bar.setAttribute("aria-valuenow", String(Math.floor(request.progress)));
		fill.style.transform = `scaleX(${request.progress / 100})`;
		tell(request.progress);
	}

	/** Seldom: who listens wants to hear something else meanwhile. @param {number} progress */
	function tell(progress) {
		const step = Math.floor(progress / TOLD_EVERY_PERCENT);
		if (step > told && progress < 100) announce(said.announce(number(step * TOLD_EVERY_PERCENT)));
		told = step;
	}

	return {
		place,
		show,
		showLost: () => {
			lost.hidden = false;
		},
	};
}

/** @param {PixmillRequest} request */
const endedOf = ({ counts }) => counts.done + counts.failed + counts.cancelled;

/** @param {PixmillRequest} request @param {Rates} rates */
function factsOf(request, rates) {
	const said = words.request.running;
	const speed = rates.aSecond();
	const left = request.eta_seconds === null ? said.unknown : said.left(duration(request.eta_seconds));
	return [
		...(speed === null ? [] : [said.imagesRate(decimal(speed.images)), said.savedRate(bytes(Math.round(speed.saved)))]),
		...(request.counts.failed > 0 ? [said.failed(request.counts.failed)] : []),
		left,
	];
}
