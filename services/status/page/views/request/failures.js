// What failed, by its cause: how many, what it means, who can mend it, which ones, and another try.

import { nameOf } from "../../api/addresses.js";
import { listImages } from "../../api/requests.js";
import { bdi, div, fill, h, h2, li, p, section, span, strong, ul } from "../../element.js";
import { words } from "../../words/words.js";
import { button } from "../button.js";
import { reasonOf } from "../toast.js";

const EXAMPLES = 20;
const LOOKED_AT = 1000;
const MOST_LOOKS = 20;

/** @param {Api.Request} request @param {(codes: string[]) => void} retry */
export function failuresPanel(request, retry) {
	const said = words.request.failures;
	return section(
		"card stack",
		div(
			"row apart",
			h2("", said.title),
			button("button", said.retry, () => retry([])),
		),
		ul(
			"stack tight",
			request.failures.map((each) => group(request, each, retry)),
		),
	);
}

/** @param {Api.Request} request @param {Api.Failure} failure @param {(codes: string[]) => void} retry */
function group(request, failure, retry) {
	const said = words.request.failures;
	const told = failure.hint ?? failure.code;
	const isOneOfSome = request.failures.length > 1 && request.counts.cancelled === 0;
	const fixer = failure.fixer === undefined ? null : said.fixers[failure.fixer];
	const list = ul("examples");
	const details = h("details", {}, h("summary", {}, said.examples), list);
	details.addEventListener(
		"toggle",
		() => details.open && list.childElementCount === 0 && showExamples(request.request_id, failure, list),
	);
	return li(
		"failure",
		p("", strong("number", words.images(failure.count)), " ", span("name", told)),
		fixer && p("quiet small", fixer, " ", h("a", { href: failure.help_url }, said.help)),
		isOneOfSome &&
			p(
				"small",
				button("link", said.retryThese, () => retry([failure.code]), { "aria-label": `${said.retryThese}: ${told}` }),
			),
		details,
	);
}

/** @param {string} id @param {Api.Failure} failure @param {HTMLElement} list */
async function showExamples(id, failure, list) {
	fill(list, li("quiet", words.coming));
	try {
		const alike = await firstOf(id, failure);
		fill(list, alike.length > 0 ? alike.map(({ input_url: url }) => example(url)) : li("", words.request.failures.far));
	} catch (error) {
		fill(list, li("", reasonOf(error)));
	}
}

/** Also where many others that failed come before them. @param {string} id @param {Api.Failure} failure */
async function firstOf(id, { code, count }) {
	/** @type {Api.Image[]} */
	const alike = [];
	let cursor = /** @type {string | null} */ (null);
	for (let looks = 0; looks < MOST_LOOKS && alike.length < Math.min(EXAMPLES, count); looks += 1) {
		const page = await listImages(id, { state: "failed", cursor, limit: LOOKED_AT });
		alike.push(...page.items.filter((image) => image.code === code));
		if (page.next === null) break;
		cursor = page.next;
	}
	return alike.slice(0, EXAMPLES);
}

/** @param {string} url */
const example = (url) => li("name", h("a", { href: url, title: nameOf(url), target: "_blank" }, bdi("", url)));
