// Puts the page together: the frame, the question for a key, and the view that the address names.

import { askForKeysBy } from "./api/key.js";
import { routeOf } from "./router.js";
import { askForKey } from "./views/key_dialog.js";
import { listView } from "./views/list.js";
import { newView } from "./views/new.js";
import { requestView } from "./views/request.js";
import { shell } from "./views/shell.js";
import { words } from "./words/words.js";

const { place, mark } = shell();
/** @type {Page.View | null} */
let shown = null;

askForKeysBy(askForKey);
addEventListener("hashchange", () => {
	show();
	place.focus();
});
show();

function show() {
	const route = routeOf(location.hash);
	shown?.leave?.();
	document.title = words.title;
	place.replaceChildren();
	mark(route.name);
	shown = route.name === "list" ? listView() : route.name === "request" ? requestView(route.id) : newView();
	shown.show(place);
	scrollTo(0, 0);
}
