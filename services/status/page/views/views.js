// Which view stands for which name of a route.

import { listView } from "./list.js";
import { newView } from "./new.js";
import { requestView } from "./request.js";

/**
 * @param {ReturnType<typeof import("../router.js").routeOf>} route
 * @returns {import("../router.js").View}
 */
export function viewOf(route) {
	switch (route.name) {
		case "list":
			return listView();
		case "request":
			return requestView(route.id);
		case "new":
			return newView();
	}
}
