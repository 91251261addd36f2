// The calls about requests, by name. Paths are this page's own origin's, whatever address links carry.

import { call, json } from "./client.js";
import { pause } from "./pause.js";
import { Problem } from "./problem.js";

const NOT_YET_SECONDS = 30;

/** @param {string} id */
export const pathOf = (id, part = "") => `/v1/requests/${encodeURIComponent(id)}${part}`;

/** @param {string} id @param {AbortSignal} [signal] @returns {Promise<Api.Request>} */
export const readRequest = (id, signal) => json(pathOf(id), { signal, cache: "no-store" }); // the time left is in no ETag

/**
 * @param {{state?: string, search?: string, cursor?: string | null, limit: number}} what
 * @param {AbortSignal} [signal]
 * @returns {Promise<Api.Page<Api.RequestSummary>>}
 */
export const listRequests = (what, signal) => json(`/v1/requests?${query(what)}`, { signal });

/**
 * @param {string} id
 * @param {{state?: string | undefined, cursor?: string | null, limit: number}} what
 * @param {AbortSignal} [signal]
 * @returns {Promise<Api.Page<Api.Image>>}
 */
export const listImages = (id, what, signal) => json(`${pathOf(id, "/images")}?${query(what)}`, { signal });

/** @param {string} id @param {AbortSignal} [signal] @returns {Promise<Api.Page<Api.Delivery>>} */
export const listDeliveries = (id, signal) => json(pathOf(id, "/deliveries"), { signal });

/** @param {AbortSignal} signal @returns {Promise<Api.Usage>} */
export const readUsage = (signal) => json("/v1/usage", { signal });

/** @returns {Promise<{secret: string}>} */
export const readSecret = () => json("/v1/webhooks/secret");

/** @param {string} id @param {string} part @returns {Promise<Api.Request>} */
const post = async (id, part) => (await change(pathOf(id, part), { method: "POST" })).json();

/** @param {string} id */
export const cancelRequest = (id) => post(id, "/cancel");

/** @param {string} id @param {string[]} codes */
export const retryRequest = (id, codes) => post(id, `/retry?${codes.map((code) => `code=${code}`).join("&")}`);

/** @param {string} id */
export const redeliver = (id) => post(id, "/deliveries/redeliver");

/** @param {string} id */
export const deleteRequest = (id) => change(pathOf(id), { method: "DELETE", takes: 404 });

/**
 * A request that was accepted a moment ago is not recorded yet. Then the answer says when to come again.
 * @param {string} path
 * @param {Page.Call} options
 */
async function change(path, options) {
	const enough = AbortSignal.timeout(1000 * NOT_YET_SECONDS);
	for (;;) {
		try {
			return await call(path, options);
		} catch (error) {
			const isNotYet = error instanceof Problem && error.status === 409 && error.retryAfterSeconds !== null;
			if (!isNotYet || enough.aborted) throw error;
			await pause(Number(error.retryAfterSeconds), enough);
		}
	}
}

/** @param {{[name: string]: string | number | null | undefined}} what */
function query(what) {
	const known = Object.entries(what).filter(([, value]) => value !== undefined && value !== null && value !== "");
	return new URLSearchParams(known.map(([name, value]) => [name, String(value)])).toString();
}
