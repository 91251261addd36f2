// Says that the server or the network is away, for as long as it is.

import { lookNow, whenAway, whenBack } from "../api/reach.js";
import { fill, h, icon, span } from "../element.js";
import { keepingFocus } from "../focus.js";
import { CLOUD } from "../icons.js";
import { words } from "../words/words.js";
import { announce } from "./announce.js";
import { button } from "./button.js";
import { reasonOf } from "./toast.js";

export function banner() {
	const place = h("section", { class: "note warn banner", "aria-label": words.away.label, hidden: true });
	const show = () => {
		const said = reasonOf(null);
		fill(place, icon(CLOUD), span("", said), button("link", words.away.look, lookNow));
		place.hidden = false;
		announce(said);
	};
	whenAway(show);
	whenBack(() => {
		keepingFocus(place, () => place.toggleAttribute("hidden", true));
		announce(words.away.back);
	});
	return place;
}
