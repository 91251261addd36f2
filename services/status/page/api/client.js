// Calls of the API: with the key, which is asked for where one is needed, and failures as errors of their own.

import { anotherKey, keyHeaders, theKey } from "./key.js";
import { isAborted, isAway, problemOf, Unreachable } from "./problem.js";
import { tellAway, tellBack } from "./reach.js";

const LONGEST_SECONDS = 60;

/**
 * @template T
 * @param {string} path
 * @param {Page.Call} [options]
 * @returns {Promise<T>}
 */
export async function json(path, options = {}) {
	const answer = await call(path, options);
	return answer.json();
}

/**
 * An answer that is no failure.
 * @param {string} path
 * @param {Page.Call} [options]
 * @returns {Promise<Response>}
 */
export async function call(path, options = {}) {
	try {
		const answer = await asked(path, options);
		tellBack();
		return answer;
	} catch (error) {
		if (isAway(error)) tellAway();
		throw error;
	}
}

/** @param {string} path @param {Page.Call} options @returns {Promise<Response>} */
async function asked(path, options) {
	const key = theKey();
	const answer = await fetched(path, options);
	if (answer.ok || answer.status === options.takes) return answer;
	if (answer.status === 401) {
		await anotherKey(key);
		return asked(path, options);
	}
	throw problemOf(answer.status, await answer.text(), answer.headers.get("Retry-After"));
}

/** @param {string} path @param {Page.Call} options */
async function fetched(path, { headers = {}, signal, endless = false, takes: _, ...others }) {
	const signals = [signal, endless ? undefined : AbortSignal.timeout(1000 * LONGEST_SECONDS)];
	const known = signals.filter((each) => each !== undefined);
	const sent = { ...others, headers: { ...headers, ...keyHeaders() }, signal: AbortSignal.any(known) };
	try {
		return await fetch(path, { ...sent, redirect: "error" });
	} catch (error) {
		if (isAborted(error)) throw error;
		throw new Unreachable(String(error));
	}
}
