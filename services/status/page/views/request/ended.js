// A request that ended: what it saved, told as a person would, and what there is to download.

import { call } from "../../api/client.js";
import { keyHeaders } from "../../api/key.js";
import { pathOf } from "../../api/requests.js";
import { div, h, icon, p, section, span } from "../../element.js";
import { fromTo, savedPercent } from "../../format.js";
import { DOWN } from "../../icons.js";
import { words } from "../../words/words.js";
import { button } from "../button.js";
import { saveBlob } from "../save_blob.js";
import { complain, toast } from "../toast.js";

/** @param {Api.Request} request @param {() => void} resume */
export function endedPanel(request, resume) {
	return section(
		"card stack ended",
		figure(request),
		p("quiet", sentences(request)),
		request.counts.cancelled > 0 && div("row", button("button", words.request.ending.resume, resume)),
		downloads(request),
	);
}

/** @param {Api.Request} request */
function figure(request) {
	const said = words.request.ending;
	if (request.counts.done === 0) {
		return p("figure", request.state === "cancelled" ? said.cancelled : said.nothing);
	}
	const percent = savedPercent(request.bytes_in, request.bytes_out);
	return p(
		"figure number",
		span("", fromTo(request.bytes_in, request.bytes_out)),
		percent > 0 && span("gain", said.percent(percent)),
	);
}

/** What became of its images. @param {Api.RequestSummary} request */
export function sentences({ counts }) {
	const said = words.request.ending;
	return [
		said.all(counts.done, counts.images),
		...(counts.failed > 0 ? [said.failed(counts.failed)] : []),
		...(counts.cancelled > 0 ? [said.cancelledCount(counts.cancelled)] : []),
	].join(" ");
}

/** @param {Api.Request} request */
function downloads({ request_id: id, counts, filename }) {
	const said = words.request.ending;
	const name = filename.replace(/\.\w+$/, "");
	return h(
		"div",
		{ class: "stack tight", role: "group", "aria-label": said.downloads },
		div(
			"row downloads",
			download("button main", said.output, pathOf(id, "/output.csv"), `output-${name}.csv`),
			counts.done > 0 && download("button", said.zip, pathOf(id, "/images.zip"), `images-${name}.zip`),
		),
		p(
			"row small",
			download("", said.workbook, pathOf(id, "/output.xlsx"), `output-${name}.xlsx`),
			counts.failed > 0 && download("", said.failedCsv, pathOf(id, "/failed.csv"), `failed-${name}.csv`),
			download("", said.extended, pathOf(id, "/output.csv?columns=extended"), `extended-${name}.csv`),
		),
		p("quiet small", said.apostrophes),
	);
}

/**
 * A plain link where no key is needed: the browser streams it to the disk. With a key, which a link cannot carry, the
 * page fetches it.
 * @param {string} look
 * @param {string} text
 * @param {string} href
 * @param {string} name
 */
function download(look, text, href, name) {
	const link = h("a", { class: look, href, download: name }, icon(DOWN), text);
	let isComing = false;
	link.addEventListener("click", async (event) => {
		if (Object.keys(keyHeaders()).length === 0) return;
		event.preventDefault();
		if (isComing) return;
		isComing = true;
		toast(words.request.ending.coming);
		await fetchInto(href, name);
		isComing = false;
	});
	return link;
}

/** @param {string} path @param {string} name */
async function fetchInto(path, name) {
	try {
		const answer = await call(path, { endless: true });
		saveBlob(await answer.blob(), name);
	} catch (error) {
		complain(error);
	}
}
