// Requests that are about to be deleted: no list shows them any more, unless it is taken back or refused.

import { deleteRequest } from "../api/requests.js";
import { addressOf } from "../router.js";
import { words } from "../words/words.js";
import { complain, toastWithUndo } from "./toast.js";

/** Tells by `gone` of each request that has been deleted. */
export const removals = new EventTarget();

/** @type {Set<string | undefined>} */
const leaving = new Set();

/** @param {string} id */
export const isLeaving = (id) => leaving.has(id);

/** @param {Api.RequestSummary} request */
export function removeSoon({ request_id: id, filename }) {
	if (isLeaving(id)) return; // by another button, beside the way to take it back
	leaving.add(id);
	hideThem();
	function keep() {
		leaving.delete(id);
		hideThem();
	}
	toastWithUndo(words.list.removed(filename), {
		act: () =>
			deleteRequest(id).then(
				() => leave(id),
				(error) => {
					keep();
					complain(error);
				},
			),
		undo: keep,
	});
}

/** Somebody may have gone back to it meanwhile. @param {string} id */
function leave(id) {
	if (location.hash === addressOf(id)) location.hash = "#/requests";
	removals.dispatchEvent(new Event("gone"));
}

function hideThem() {
	/** @type {NodeListOf<HTMLElement>} */
	const lines = document.querySelectorAll("[data-request]");
	for (const line of lines) line.hidden = leaving.has(line.dataset.request);
}
