// Every English sentence of the page. Another language is a file like this one, and its line in words.js.

/** @param {number} count @param {string} one @param {string} many */
const some = (count, one, many) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** @param {{[name: string]: string}} names */
const named = (names) => names;

/** @param {number} count */
const images = (count) => some(count, "image", "images");

export const en = {
	title: "Pixmill",
	skip: "Skip to the content",
	nav: { label: "Pages", create: "New", list: "Requests" },
	foot: {
		about: "Pixmill makes a shop's pictures smaller.",
		api: "For programs: the API",
		forgetKey: "Forget the key",
	},
	states: {
		pending: "Waiting",
		processing: "Running",
		cancelling: "Stopping",
		completed: "Done",
		failed: "Failed",
		cancelled: "Cancelled",
	},
	partlyDone: (/** @type {number} */ failed) => `Done, ${failed.toLocaleString("en")} failed`,
	images,
	away: {
		banner: "The server does not answer. This page goes on by itself as soon as it does.",
		look: "Try now",
		back: "The server is back.",
		offline: "You are offline. This page goes on by itself when the network is back.",
	},
	key: {
		title: "Which key is yours?",
		why: "This server asks for an API key. It is kept until you close this tab, and nowhere else.",
		refused: "The server did not take this key.",
		label: "API key",
		use: "Use it",
	},
	missing: {
		title: "There is nothing here",
		request: "No request has this number: it was deleted, its time is over, or it belongs to somebody else.",
		home: "Start a new one",
	},
	failed: "Something went wrong",
	again: "Try again",
	close: "Close",
	undo: "Undo",
	copy: "Copy",
	copied: "Copied",
	create: {
		title: "Drop a CSV of your products",
		lead: "Each picture that it names comes back smaller, and your file with the new addresses.",
		drop: "Drop files here",
		dropHint:
			"CSV, Excel or LibreOffice, as your shop exports it. Or press Ctrl+V with rows copied from a spreadsheet.",
		files: "Choose files",
		folder: "Choose a folder",
		paste: "Paste rows",
		pasteLabel: "Rows of a CSV or a spreadsheet, the header first",
		pasteUse: "Use these rows",
		template: "An example file",
		tooMany: (/** @type {number} */ most) =>
			`More than ${most} files at once are too many: the first ${most} were taken.`,
		recent: "Recent",
		allRequests: "All requests",
		sendAll: (/** @type {number} */ count) => `Send all ${count} files`,
		remove: "Take it out",
		waiting: "Waits for its turn",
		judging: "Reading it",
		/** @param {string} sent @param {string} total */
		sending: (sent, total) => `${sent} of ${total} sent`,
		checking: "The server reads the file",
		queued: "Waits for the file before it",
		abort: "Stop",
		delayed: (/** @type {string} */ why) => `${why || "The server does not answer."} It is tried again by itself.`,
		unreadable: "Your browser cannot read this file any more: it was moved or changed. Choose it again.",
		sent: "Sent",
		open: "See how far it is",
		send: (/** @type {number} */ count) => `Send ${images(count)}`,
		again: (/** @type {string} */ send) => `${send} again`,
		sentBefore: (/** @type {string} */ when) => `This file was sent before, ${when}.`,
		seeBefore: "See what became of it",
		other: "Choose another file",
		columns: { title: "Say which columns are which", use: "Read it so" },
		sendGood: (/** @type {number} */ rows) => `Send the ${some(rows, "good row", "good rows")} only`,
		understood: {
			/** @param {number} products @param {number} count */
			counts: (products, count) => `${some(products, "product", "products")}, ${images(count)}`,
			bad: (/** @type {number} */ rows) => some(rows, "row is wrong", "rows are wrong"),
			title: "How the file was read",
			delimiter: "Between the cells",
			delimiters: named({
				",": "comma",
				";": "semicolon",
				"\t": "tab",
				"|": "pipe",
			}),
			encoding: "Encoding",
			sheet: "Sheet",
			name: "Product name",
			serial: "Serial number",
			images: "Image addresses",
			numbered: "none: rows are numbered",
			taken: "none: names are taken from the files",
			other: "Other columns",
			readAs: (/** @type {string} */ encoding) => `Read it as ${encoding} instead`,
			none: "none",
		},
		preview: {
			title: "The first rows",
			row: "Row",
			pictures: "Show pictures",
			picturesHint: "Your browser fetches them from where they are now.",
			/** @param {number} row @param {number} nth */
			picture: (row, nth) => `Row ${row}, picture ${nth}`,
			noPicture: "no picture",
		},
		errors: {
			title: (/** @type {number} */ count) => some(count, "mistake", "mistakes"),
			columns: ["Row", "Column", "In the cell", "What is wrong, and what helps"],
			empty: "nothing",
			file: "the file",
			/** @param {number} shown @param {number} total */
			shown: (shown, total) => `${shown.toLocaleString("en")} of ${total.toLocaleString("en")} shown`,
			more: (/** @type {number} */ count) => `Show ${count} more`,
			rest: "The marked file has all of them.",
			marked: "Download with every mistake marked",
			codes: named({
				empty_file: "The file is empty.",
				not_csv: "This is no CSV and no workbook.",
				damaged_workbook: "The workbook is damaged.",
				encrypted_workbook: "The workbook has a password.",
				unknown_encoding: "The encoding is not known.",
				undecodable_byte: "A character does not fit the file's encoding.",
				missing_column: "A column is missing.",
				no_rows: "There are no rows.",
				unclosed_quote: "A quotation mark is never closed.",
				stray_quote: "A quotation mark stands where none can.",
				nul_character: "There is a zero byte.",
				missing_serial_number: "The serial number is missing.",
				invalid_serial_number: "This is no whole number.",
				missing_product_name: "The product name is missing.",
				missing_url: "There is no address of an image.",
				invalid_url: "This is no http or https address.",
			}),
		},
		warnings: "Worth a look",
		options: {
			title: "How the pictures are made",
			quality: "Quality",
			/** @param {number} quality */
			qualityMeans: (quality) => {
				if (quality < 30) return "Very small files. Edges and fine patterns suffer visibly.";
				if (quality < 45) return "Small files. Look closely and you see it.";
				if (quality < 65)
					return "Much smaller files; side by side the difference is hard to find. Right for most shops.";
				if (quality < 85) return "Smaller files, for pictures that people zoom into.";
				return "Nearly the original, and little saved.";
			},
			format: "Format",
			formats: named({
				keep: "As it was",
				jpeg: "JPEG",
				png: "PNG",
				webp: "WebP",
				avif: "AVIF",
			}),
			formatMeans: named({
				keep: "Each picture keeps its format, so nothing in your shop changes.",
				jpeg: "Every shop shows it. Transparent parts turn white.",
				png: "Exact edges and transparency; photos stay large.",
				webp: "A third smaller than JPEG; every browser since 2020 shows it.",
				avif: "The smallest files; browsers since 2022 show it. Takes longest.",
			}),
			priority: "When",
			priorities: named({
				high: "Before my other files",
				normal: "In turn",
				bulk: "After my other files",
			}),
			webhook: "Tell a program when it is done",
			webhookHint: "The https address of a webhook. Leave it empty if you do not know what that is.",
		},
	},
	request: {
		started: (/** @type {string} */ when) => `Started ${when}`,
		run: (/** @type {number} */ run) => `Run ${run}`,
		kept: (/** @type {string} */ day) => `Kept until ${day}`,
		cancel: "Stop it",
		remove: "Delete",
		running: {
			/** @param {number} ended @param {number} all */
			count: (ended, all) => `${ended.toLocaleString("en")} of ${images(all)}`,
			percent: (/** @type {string} */ percent) => `${percent} %`,
			pending: "It begins in a moment",
			/** @param {string} rate */
			imagesRate: (rate) => `${rate} images a second`,
			/** @param {string} rate */
			savedRate: (rate) => `${rate} saved a second`,
			left: (/** @type {string} */ time) => `about ${time} left`,
			unknown: "how long it takes shows in a moment",
			failed: (/** @type {number} */ count) => `${some(count, "image", "images")} failed so far`,
			label: "Progress",
			announce: (/** @type {string} */ percent) => `${percent} percent done`,
			notify: "Tell me when it is done",
			notifying: "You will be told",
			denied: "Your browser does not allow messages from this page.",
			stale: "The connection is lost. It goes on by itself when it is back; your pictures are made meanwhile.",
		},
		/** @param {string} name */
		doneTitle: (name) => `${name} is done`,
		ending: {
			percent: (/** @type {number} */ percent) => `${percent} % less`,
			nothing: "No image could be made",
			cancelled: "It was stopped",
			/** @param {number} done @param {number} all */
			all: (done, all) => {
				if (done < all) return `${done.toLocaleString("en")} of ${images(all)} ${done === 1 ? "is" : "are"} done.`;
				return all === 1 ? "The image is done." : `All ${images(all)} are done.`;
			},
			failed: (/** @type {number} */ count) => `${images(count)} failed.`,
			cancelledCount: (/** @type {number} */ count) => `${images(count)} were not begun.`,
			output: "Your CSV with the new addresses",
			zip: "All pictures as one ZIP",
			workbook: "The same for Excel",
			extended: "CSV with states and sizes",
			failedCsv: "CSV of the rows that failed",
			downloads: "Downloads",
		},
		failures: {
			title: "What failed, and why",
			fixers: named({
				uploader: "You can mend it: the address or the file is wrong.",
				origin: "The host of the pictures has to mend it.",
				operator: "Whoever runs this Pixmill has to look at it.",
			}),
			retry: "Try all of them again",
			retryThese: "Try these again",
			help: "What to do",
			examples: "Which ones",
		},
		gallery: {
			title: "Pictures",
			filter: "Show",
			filters: { done: "Done", failed: "Failed", all: "All" },
			latest: "Some that are done",
			none: "No picture here yet",
			same: "No smaller: kept as it was",
			open: (/** @type {number} */ nth) => `Image ${nth}: before and after`,
			waiting: "Waiting",
		},
		compare: {
			slider: "How much of the new picture is shown",
			before: "Before",
			after: "After",
			zoom: "Size",
			zooms: { fit: "Fit", actual: "100 %", double: "200 %" },
			previous: "The one before",
			next: "The next one",
			source: "Where it came from",
			copyLink: "Copy the new address",
			openNew: "Open the new picture",
			noOriginal: "The original cannot be shown.",
			missing: "The picture cannot be shown.",
		},
		deliveries: {
			title: "Webhook",
			to: "It goes to",
			states: named({
				waiting: "Waits for the end",
				retrying: "Is tried again",
				delivered: "Delivered",
				exhausted: "Given up",
				gone: "Given up: the receiver said that it is gone",
				undeliverable: "Cannot be sent",
				pending: "On its way",
			}),
			columns: ["Try", "When", "Answer", "Took"],
			none: "Nothing was sent yet.",
			next: (/** @type {string} */ time) => `The next try is at ${time}.`,
			redeliver: "Send it again",
			redelivered: "It is sent again",
			verify: "How to verify it",
			verifyHow:
				"Each message is signed by the Standard Webhooks scheme: the headers webhook-id, webhook-timestamp and webhook-signature. Check them with one of its libraries and your secret, and drop an id that you have seen.",
			showSecret: "Show my secret",
		},
	},
	list: {
		title: "Requests",
		search: "File name or number",
		filter: "Show",
		all: "All",
		states: { processing: "Running", completed: "Done", failed: "Failed", cancelled: "Cancelled" },
		empty: "No requests yet",
		emptyHint: "Drop a CSV of products, and its pictures come out smaller.",
		noneFound: "No request matches",
		noneFoundHint: "Another state, or another part of the name?",
		create: "New request",
		newer: "Newer",
		older: "Older",
		remove: "Delete",
		removed: (/** @type {string} */ name) => `“${name}” will be deleted with all its pictures.`,
		found: (/** @type {number} */ count) => some(count, "request", "requests"),
		/** @param {number} requests @param {number} count @param {string} size */
		stored: (requests, count, size) =>
			`Stored: ${some(requests, "request", "requests")} with ${images(count)}, ${size}.`,
		until: (/** @type {string} */ day) => `The first of them goes on ${day}.`,
	},
};
