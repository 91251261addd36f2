// A message of the browser when a request has ended, if somebody wished it and looks elsewhere.

import { icon, span } from "../../element.js";
import { BELL } from "../../icons.js";
import { words } from "../../words/words.js";
import { button } from "../button.js";
import { toast } from "../toast.js";
import { sentences } from "./ended.js";

/** @type {Set<string>} */
const wished = new Set();

/** @param {string} id */
export function noticeButton(id) {
	const said = words.request.running;
	const text = span("", wished.has(id) ? said.notifying : said.notify);
	const wish = async () => {
		if (!(await isAllowed())) return toast(said.denied);
		wished.add(id);
		text.textContent = said.notifying;
	};
	const canTell = "Notification" in globalThis && isSecureContext;
	return canTell ? button("button plain", [icon(BELL), text], wish) : null;
}

async function isAllowed() {
	if (Notification.permission !== "granted" && !isShown(words.title)) return false; // by which nobody sees anything yet
	return (await Notification.requestPermission()) === "granted";
}

/** On phones Chrome has the messages and refuses to make one. @param {string} title @param {NotificationOptions} [options] */
function isShown(title, options) {
	try {
		return new Notification(title, options) !== null;
	} catch {
		return false;
	}
}

/** @param {Api.RequestSummary} request */
export function tellEnd(request) {
	if (!wished.delete(request.request_id) || document.visibilityState === "visible") return;
	const { title, body } = endOf(request);
	isShown(title, { body, tag: request.request_id, icon: "/page/icon.svg" });
}

/** How it ended, in words to be heard. @param {Api.RequestSummary} request */
export function endOf(request) {
	const { doneTitle, stoppedTitle } = words.request;
	const { state, filename } = request;
	const title = state === "cancelled" ? stoppedTitle(filename) : doneTitle(filename);
	return { title, body: sentences(request) };
}
