// What failed, by its cause: how many, what it means, who can mend it, which ones, and another try.

import { nameOf } from "../../api/addresses.js";
import { listImages } from "../../api/requests.js";
import { bdi, div, fill, h, h2, li, p, section, span, strong, ul } from "../../element.js";
import { words } from "../../words/words.js";
import { button } from "../button.js";
import { reasonOf } from "../toast.js";

const EXAMPLES = 20;
const LOOKED_AT = 1000;

/** @param {Api.Request} request @param {(codes: string[]) => void} retry */
export function failuresPanel(request, retry) {
	const said = words.request.failures;
	return section(
		"card stack failures",
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
	try {
		const page = await listImages(id, { state: "failed", limit: LOOKED_AT });
		const alike = page.items.filter(({ code }) => code === failure.code).slice(0, EXAMPLES);
		fill(
			list,
			alike.map(({ input_url: url }) => example(url)),
		);
	} catch (error) {
		fill(list, li("", reasonOf(error)));
	}
}

/** @param {string} url */
const example = (url) => li("name", h("a", { href: url, title: nameOf(url), target: "_blank" }, bdi("", url)));
