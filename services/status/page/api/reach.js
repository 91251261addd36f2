// Whether the server is there. Calls tell what they met; while it is away it is asked now and then, and those who
// listen hear when it is back.

import { pauseSeconds } from "./pause.js";

const LOOK_SECONDS = 15; // an answer that takes longer is none

const signals = new EventTarget();
let isAway = false;
let tries = 0;
let timer = 0;

/** @param {() => void} listener */
export const whenAway = (listener) => signals.addEventListener("away", listener);

/** @param {() => void} listener @param {AddEventListenerOptions} [options] */
export const whenBack = (listener, options) => signals.addEventListener("back", listener, options);

export function tellBack() {
	if (!isAway) return;
	isAway = false;
	tries = 0;
	clearTimeout(timer);
	signals.dispatchEvent(new Event("back"));
}

export function tellAway() {
	if (isAway) return;
	isAway = true;
	signals.dispatchEvent(new Event("away"));
	lookLater();
}

export function lookNow() {
	if (!isAway) return;
	clearTimeout(timer);
	look();
}

/** Once, however many looks found nobody; not at all once a call has met the server meanwhile. */
function lookLater() {
	if (!isAway) return;
	clearTimeout(timer);
	timer = setTimeout(look, 1000 * pauseSeconds(tries));
	tries += 1;
}

async function look() {
	if (await answers()) tellBack();
	else lookLater();
}

/** Any answer of status shows that it is there, also that a key is needed. */
async function answers() {
	try {
		const signal = AbortSignal.timeout(1000 * LOOK_SECONDS);
		const answer = await fetch("/v1/requests?limit=1", { method: "HEAD", cache: "no-store", signal });
		return answer.status < 500;
	} catch {
		return false;
	}
}

addEventListener("online", lookNow);
document.addEventListener("visibilitychange", () => {
	if (document.visibilityState === "visible") lookNow();
});
