// Which view an address shows. Addresses lie behind the #, so that a reload and a bookmark lead back to the same view.

const REQUEST = /^#\/requests\/([0-9a-zA-Z-]{1,64})$/;

/** @param {string} hash @returns {{name: "new"} | {name: "list"} | {name: "request", id: string}} */
export function routeOf(hash) {
	const request = REQUEST.exec(hash);
	if (request) return { name: "request", id: /** @type {string} */ (request[1]) };
	return hash.startsWith("#/requests") ? { name: "list" } : { name: "new" };
}

/** @param {string} id */
export const addressOf = (id) => `#/requests/${id}`;
