// The first view: files come in, are judged, and go out. What is on its way stays while other views are shown.

import { listRequests } from "../api/requests.js";
import { div, h, h2, p } from "../element.js";
import { keepingFocus } from "../focus.js";
import { addressOf, routeOf } from "../router.js";
import { Basket } from "../sending/basket.js";
import { MOST_FILES } from "../sending/dropped.js";
import { chosenOptions } from "../sending/options.js";
import { words } from "../words/words.js";
import { button } from "./button.js";
import { chooseFiles, dropZone, takeDropped, takePasted } from "./create/drop_zone.js";
import { fileCard } from "./create/file_card.js";
import { optionsForm } from "./create/options_form.js";
import { table } from "./list.js";
import { removals } from "./removal.js";
import { toast } from "./toast.js";

const RECENT = 5;
const NARROW = "(max-width: 56rem)"; // as create.css has it
const basket = new Basket();
/** @type {WeakMap<Page.Entry, HTMLElement>} */
const cards = new WeakMap();

/** Whether it is lost with the page: it is on its way, or looked at and neither refused nor sent. @param {Page.Entry} entry */
const isUnsent = ({ phase, before }) =>
	phase !== "refused" && phase !== "sent" && (phase !== "judged" || before === null);

addEventListener("beforeunload", (event) => {
	if (basket.entries.some(isUnsent)) event.preventDefault();
});

takeDropped((files) => {
	take(files);
	if (routeOf(location.hash).name !== "new") location.hash = "#/";
});

/** @returns {Page.View} */
export function newView() {
	const said = words.create;
	const files = div("stack");
	const sendAll = button("button main", "", () => {
		for (const entry of all()) basket.send(entry, chosenOptions());
	});
	const recent = h("section", { class: "stack tight recent", hidden: true });
	const options = optionsForm();
	const side = div("stack side", options, sendAll);
	const work = h("div", { class: "work", hidden: true });
	const narrow = matchMedia(NARROW);

	/** Below the files nobody would find the options: they come first, and folded. Keys follow what is seen. */
	function arrange() {
		options.open = !narrow.matches;
		work.append(...(narrow.matches ? [side, files] : [files, side]));
	}

	const all = () =>
		basket.entries.filter(
			({ phase, verdict, before }) => phase === "judged" && verdict?.errors_total === 0 && before === null,
		);

	function showEntries() {
		showCards(basket.entries.map(card));
		work.hidden = basket.entries.length === 0;
		place.classList.toggle("busy", !work.hidden);
		if (work.hidden) showRecent(recent);
		showAll();
	}

	/** None that stays is moved: its message would be heard again. @param {HTMLElement[]} cards */
	function showCards(cards) {
		const gone = [...files.children].filter((each) => !cards.some((card) => card === each));
		for (const each of gone) keepingFocus(each, () => each.remove());
		files.append(...cards.filter(({ parentNode }) => parentNode !== files));
	}

	function showAll() {
		const ready = all().length;
		sendAll.hidden = ready < 2;
		sendAll.textContent = said.sendAll(ready);
		goThere();
	}

	/** A single file that was sent is followed; of several each card leads to its own. */
	function goThere() {
		const [only, ...others] = basket.entries;
		if (only === undefined || others.length > 0 || only.requestId === null) return;
		basket.entries = [];
		location.hash = addressOf(only.requestId);
	}

	/** @param {Page.Entry} entry */
	function card(entry) {
		const made =
			cards.get(entry) ??
			fileCard(entry, {
				send: () => basket.send(entry, chosenOptions()),
				abort: () => basket.abort(entry),
				remove: () => basket.remove(entry),
				judge: () => basket.judge(entry),
				replace: () =>
					chooseFiles((files) => {
						basket.remove(entry);
						take(files);
					}),
			});
		cards.set(entry, made);
		return made;
	}

	const place = div("stack", div("lead", h("h1", {}, said.title), p("quiet", said.lead)), dropZone(take), work, recent);
	const stop = new AbortController();
	const { signal } = stop;
	takePasted(take, signal);
	narrow.addEventListener("change", arrange, { signal });
	arrange();
	basket.addEventListener("entries", showEntries, { signal });
	basket.addEventListener("news", showAll, { signal });
	removals.addEventListener("gone", () => isBare(recent) && showRecent(recent), { signal });
	return {
		show: (stage) => {
			stage.append(place);
			showEntries();
		},
		leave: () => stop.abort(),
	};
}

/** @param {File[]} chosen */
function take(chosen) {
	if (chosen.length === 0) toast(words.create.nothing);
	if (!basket.add(chosen)) toast(words.create.tooMany(MOST_FILES));
}

/** @param {HTMLElement} place */
async function showRecent(place) {
	const page = await listRequests({ limit: RECENT }).catch(() => null);
	if (page === null) return;
	place.hidden = page.items.length === 0;
	if (place.hidden) return;
	const head = div("row apart", h2("", words.create.recent), h("a", { href: "#/requests" }, words.create.allRequests));
	place.replaceChildren(head, table(page.items));
}

/** @param {HTMLElement} place */
const isBare = (place) => place.querySelector("li:not([hidden])") === null;
