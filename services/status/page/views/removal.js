// Requests that are about to be deleted: no list shows them any more, unless it is taken back or refused.

import { deleteRequest } from "../api/requests.js";
import { words } from "../words/words.js";
import { complain, toastWithUndo } from "./toast.js";

/** @type {Set<string | undefined>} */
const leaving = new Set();

/** @param {string} id */
export const isLeaving = (id) => leaving.has(id);

/** @param {Api.RequestSummary} request */
export function removeSoon({ request_id: id, filename }) {
	leaving.add(id);
	hideThem();
	function keep() {
		leaving.delete(id);
		hideThem();
	}
	toastWithUndo(words.list.removed(filename), {
		act: () =>
			deleteRequest(id).catch((error) => {
				keep();
				complain(error);
			}),
		undo: keep,
	});
}

function hideThem() {
	/** @type {NodeListOf<HTMLElement>} */
	const lines = document.querySelectorAll("[data-request]");
	for (const line of lines) line.hidden = leaving.has(line.dataset.request);
}
