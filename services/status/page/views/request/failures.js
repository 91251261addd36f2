// What failed, by its cause: how many, what it means, who can mend it, which ones, and another try.

import { nameOf } from "../../api/addresses.js";
import { listImages } from "../../api/requests.js";
import { fill, h } from "../../element.js";
import { words } from "../../words/words.js";
import { toast } from "../toast.js";

const EXAMPLES = 20;

/**
 * @param {Api.Request} request
 * @param {() => Promise<void>} retry
 */
export function failuresPanel(request, retry) {
	const said = words.request.failures;
	return h(
		"section",
		{ class: "card stack failures" },
		h(
			"div",
			{ class: "row apart" },
			h("h2", {}, said.title),
			h(
				"button",
				{ class: "button", type: "button", on: { click: () => retry().catch((error) => toast(error.message)) } },
				said.retry,
			),
		),
		h(
			"ul",
			{ class: "stack tight" },
			request.failures.map((each) => group(request, each)),
		),
	);
}

/** @param {Api.Request} request @param {Api.Failure} failure */
function group(request, failure) {
	const said = words.request.failures;
	const fixer = failure.fixer === undefined ? null : said.fixers[failure.fixer];
	const list = h("ul", { class: "examples" });
	const details = h("details", {}, h("summary", {}, said.examples), list);
	details.addEventListener(
		"toggle",
		() => details.open && list.childElementCount === 0 && showExamples(request.request_id, failure, list),
	);
	return h(
		"li",
		{ class: "failure" },
		h(
			"p",
			{},
			h("strong", { class: "number" }, words.images(failure.count)),
			" ",
			h("span", { class: "name" }, failure.hint ?? failure.code),
		),
		fixer && h("p", { class: "quiet small" }, fixer),
		details,
	);
}

/** @param {string} id @param {Api.Failure} failure @param {HTMLElement} list */
async function showExamples(id, failure, list) {
	try {
		const page = await listImages(id, { state: "failed", limit: EXAMPLES });
		const links = page.items.filter(({ code }) => code === failure.code).map(({ input_url: url }) => example(url));
		fill(list, links);
	} catch (error) {
		fill(list, h("li", {}, error instanceof Error ? error.message : words.failed));
	}
}

/** @param {string} url */
const example = (url) =>
	h(
		"li",
		{ class: "name" },
		h("a", { href: url, title: nameOf(url), target: "_blank", rel: "noopener noreferrer" }, h("bdi", {}, url)),
	);
