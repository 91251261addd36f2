// Where files are dropped, chosen or pasted. It hands on what came and knows nothing of what becomes of it.

import { div, h, icon, p } from "../../element.js";
import { keepingFocus } from "../../focus.js";
import { DROP } from "../../icons.js";
import { chosenFiles, droppedFiles, pastedFile } from "../../sending/dropped.js";
import { words } from "../../words/words.js";
import { button } from "../button.js";
import { toast } from "../toast.js";

// What was typed stays while other views are shown.
let typed = "";

/** @param {Page.Take} take */
export function dropZone(take) {
	const said = words.create;
	const pasting = pastePlace(take);
	return h(
		"section",
		{ class: "drop", "aria-label": said.drop },
		icon(DROP),
		p("drop-title", said.drop),
		p("quiet", said.dropHint),
		div(
			"row middle",
			button("button main", said.files, () => chooseFiles(take)),
			button("button", said.folder, () => pick({ webkitdirectory: true }, take)),
			button("button", said.paste, pasting.open),
		),
		pasting.place,
		p("small", h("a", { href: "/v1/template.csv", download: "template.csv" }, said.template)),
	);
}

/** Takes what is dropped anywhere on the window, whatever it shows. @param {Page.Take} take */
export function takeDropped(take) {
	const mark = (/** @type {boolean} */ isOver) => document.body.classList.toggle("dropping", isOver);
	/** @type {Page.Listeners} */
	const listeners = {
		dragover: (event) => {
			if (!hasFiles(event)) return;
			event.preventDefault();
			mark(true);
		},
		dragleave: (event) => event.relatedTarget === null && mark(false),
		drop: (event) => {
			if (!hasFiles(event)) return;
			event.preventDefault();
			mark(false);
			droppedFiles(event.dataTransfer).then(({ files, unread }) => {
				take(files);
				if (unread > 0) toast(words.create.unread(unread));
			});
		},
	};
	for (const [event, listener] of Object.entries(listeners)) addEventListener(event, listener);
}

/** What else is dragged, as a text into a field, is none of ours. @param {DragEvent} event */
const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");

/**
 * Takes rows that are pasted outside of any field.
 * @param {Page.Take} take
 * @param {AbortSignal} signal that ends it
 */
export function takePasted(take, signal) {
	/** @param {any} event */
	function onPaste({ target, clipboardData }) {
		if (target instanceof HTMLElement && target.closest("input, textarea")) return;
		const files = [...clipboardData.files];
		const text = clipboardData.getData("text/plain");
		const areRows = text.trim() !== "" && files.every(({ type }) => type.startsWith("image/")); // Excel's picture of them
		if (areRows) take([pastedFile(text)]);
		else if (files.length > 0) take(files);
	}
	addEventListener("paste", onPaste, { signal });
}

/** @param {Page.Take} take */
export const chooseFiles = (take) => pick({ accept: ".csv,.tsv,.txt,.xlsx,.ods,text/csv", multiple: true }, take);

/** @param {Page.Attributes} attributes @param {Page.Take} take */
function pick(attributes, take) {
	const input = h("input", { type: "file", hidden: true, ...attributes });
	input.addEventListener("change", () => {
		input.remove();
		if (input.files) take(chosenFiles(input.files));
	});
	input.addEventListener("cancel", () => input.remove());
	document.body.append(input); // some browsers forget one that stands nowhere
	input.click();
}

/** @param {Page.Take} take */
function pastePlace(take) {
	const said = words.create;
	const keep = () => {
		typed = text.value;
	};
	const text = h("textarea", { rows: 6, id: "pasted", spellcheck: "false", on: { input: keep } }, typed);
	const use = button("button", said.pasteUse, () => {
		if (text.value.trim() === "") return;
		take([pastedFile(text.value)]);
		text.value = "";
		keep();
		keepingFocus(place, () => place.toggleAttribute("hidden", true));
	});
	const place = h(
		"div",
		{ class: "field paste", hidden: typed === "" },
		h("label", { for: "pasted", class: "label" }, said.pasteLabel),
		text,
		use,
	);
	return {
		place,
		open: () => {
			place.hidden = false;
			text.focus();
		},
	};
}
