// The state of a request as words with a colour.

import { span } from "../element.js";
import { words } from "../words/words.js";

/** @type {{[state: string]: string}} */
const TONES = { completed: "good", failed: "bad", processing: "warn", cancelling: "warn" };

/** @param {Api.RequestSummary} request */
const isPart = ({ state, counts }) => state === "completed" && counts.failed > 0;

/** @param {Api.RequestSummary} request */
export const stateOf = (request) =>
	isPart(request) ? words.partlyDone(request.counts.failed) : (words.states[request.state] ?? request.state);

/** @param {Api.RequestSummary} request */
export const statePill = (request) =>
	span(`pill ${isPart(request) ? "warn" : (TONES[request.state] ?? "")}`, stateOf(request));
