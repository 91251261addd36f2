// Which files were sent and what became of them, so that nobody sends one twice without knowing.

import { readRequest } from "../api/requests.js";
import { remember, remembered } from "./remembered.js";

const NAME = "pixmill-sent";
const MOST = 100;

/** @type {() => [string, string][]} */
const kept = () => remembered(NAME, []);

/** @param {File} file */
const markOf = ({ name, size, lastModified }) => `${size} ${lastModified} ${name}`;

/** @param {File} file @param {string} id */
export function noteSent(file, id) {
	const others = kept().filter(([mark]) => mark !== markOf(file));
	remember(NAME, [[markOf(file), id], ...others].slice(0, MOST));
}

/**
 * The request of this file, unless it is gone or somebody else's.
 * @param {File} file
 */
export async function sentBefore(file) {
	const found = kept().find(([mark]) => mark === markOf(file));
	return found ? readRequest(found[1]).catch(() => null) : null;
}
