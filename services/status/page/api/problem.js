// What can go wrong with a call: the server said no, or nobody was reached.

export class Problem extends Error {
	/**
	 * @param {number} status
	 * @param {Api.ProblemBody} body
	 * @param {number | null} retryAfterSeconds
	 */
	constructor(status, body, retryAfterSeconds) {
		super(body.error ?? body.detail ?? body.title ?? `HTTP ${status}`);
		this.status = status;
		this.body = body;
		this.retryAfterSeconds = retryAfterSeconds;
	}

	/** The last part of its type: invalid-csv. */
	get kind() {
		return (this.body.type ?? "").split("/").pop() ?? "";
	}

	/** Whether the same call may go through later, with nothing changed. */
	get mayPass() {
		return this.status === 503 || this.status === 502 || this.status === 504 || this.status === 429;
	}
}

export class Unreachable extends Error {}

/**
 * @param {number} status
 * @param {string} text
 * @param {string | null} retryAfter
 */
export function problemOf(status, text, retryAfter) {
	const seconds = Number(retryAfter ?? Number.NaN);
	return new Problem(status, bodyOf(text), Number.isFinite(seconds) ? seconds : null);
}

/**
 * @param {string} text
 * @returns {Api.ProblemBody}
 */
function bodyOf(text) {
	try {
		const body = JSON.parse(text);
		return typeof body === "object" && body !== null ? body : {};
	} catch {
		return {};
	}
}

/** @param {unknown} error */
export function isAway(error) {
	return error instanceof Unreachable || (error instanceof Problem && [502, 503, 504].includes(error.status));
}

/** @param {unknown} error */
export function isAborted(error) {
	return error instanceof DOMException && error.name === "AbortError";
}
