// What can go wrong with a call: the server said no, or nobody was reached.

const AWAY = [502, 503, 504];

export class Problem extends Error {
	/** @param {number} status @param {Api.ProblemBody} body @param {number | null} retryAfterSeconds */
	constructor(status, body, retryAfterSeconds) {
		super(body.error ?? body.detail ?? body.title ?? `HTTP ${status}`);
		this.status = status;
		this.body = body;
		this.retryAfterSeconds = retryAfterSeconds;
	}
}

export class Unreachable extends Error {}

/** Where nothing was heard for so long that nobody waits any more. */
export class Silent extends Unreachable {}

/** @param {number} status @param {string} text @param {string | null} retryAfter */
export function problemOf(status, text, retryAfter) {
	const seconds = Number(retryAfter ?? Number.NaN);
	return new Problem(status, bodyOf(text), Number.isFinite(seconds) ? seconds : null);
}

/** @param {string} text @returns {Api.ProblemBody} */
function bodyOf(text) {
	try {
		const body = JSON.parse(text);
		return typeof body === "object" && body !== null ? body : {};
	} catch {
		return {};
	}
}

/** @param {unknown} error @param {number[]} statuses */
export const isAway = (error, statuses = AWAY) =>
	error instanceof Unreachable || (error instanceof Problem && statuses.includes(error.status));

/** Whether the same call may go through later, with nothing changed. @param {unknown} error */
export const mayPass = (error) => isAway(error, [429, ...AWAY]);

/** @param {unknown} error */
export const isAborted = (error) => error instanceof DOMException && error.name === "AbortError";
