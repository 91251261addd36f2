// A server that answers when the story says so, in the order that the story wants.

const waiting = [];

globalThis.fetch = (path, { method = "GET", signal }) =>
	new Promise((resolve, reject) => {
		const call = new Call(path, method, resolve);
		waiting.push(call);
		signal?.addEventListener("abort", () => {
			call.isGone = true;
			reject(signal.reason);
		});
	});

class Call {
	isGone = false;

	constructor(path, method, resolve) {
		this.path = path;
		this.method = method;
		this.resolve = resolve;
	}

	/** Returns when the page has done what it does with it; at once where nobody waits for it any more. */
	answer(body, status = 200) {
		if (this.isGone) return;
		const response = new Response(JSON.stringify(body), { status });
		return new Promise((done) => {
			response.json = async () => {
				setImmediate(done);
				return body;
			};
			this.resolve(response);
		});
	}

	/** Tells progress from now on, and returns each time when it was heard. */
	stream() {
		let ours;
		let isWanted = false;
		const source = {
			start: (controller) => {
				ours = controller;
			},
			pull: () => {
				isWanted = true;
			},
		};
		this.resolve(new Response(new ReadableStream(source, { highWaterMark: 0 })));
		const wanted = () => until(() => isWanted);
		return {
			tell: async (request) => {
				await wanted();
				isWanted = false;
				ours.enqueue(new TextEncoder().encode(`event: progress\ndata: ${JSON.stringify(request)}\n\n`));
				await wanted();
			},
			end: () => ours.close(),
		};
	}
}

/** The next call of this kind, which may still have to come. */
export async function next(method, end) {
	const isIt = (call) => call.method === method && call.path.split("?")[0].endsWith(end);
	await until(() => waiting.some(isIt));
	return waiting.splice(waiting.findIndex(isIt), 1)[0];
}

/** How many calls of this kind wait for an answer. */
export const count = (method, end) =>
	waiting.filter((call) => call.method === method && call.path.endsWith(end) && !call.isGone).length;

/** Who waits in vain is ended by the test that runs the story. */
export async function until(holds) {
	while (!holds()) await new Promise(setImmediate);
}
