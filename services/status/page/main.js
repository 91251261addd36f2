// Puts the page together: the frame, the question for a key, and the view that the address names.

import { askForKeysBy } from "./api/key.js";
import { routeOf } from "./router.js";
import { askForKey } from "./views/key_dialog.js";
import { shell } from "./views/shell.js";
import { viewOf } from "./views/views.js";
import { words } from "./words/words.js";

const { place, mark } = shell();
/** @type {import("./router.js").View | null} */
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
	shown = viewOf(route);
	shown.show(place);
	scrollTo(0, 0);
}
