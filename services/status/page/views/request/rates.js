// How fast a request goes: from what was seen of it within the last seconds.

const SECONDS = 12;
const SHORTEST_SECONDS = 1;

export class Rates {
	/** @type {{at: number, ended: number, saved: number}[]} */
	#seen = [];

	/** @param {Api.RequestSummary} request @param {number} at in seconds */
	see({ counts, bytes_in, bytes_out }, at) {
		const kept = this.#seen.filter((each, nth) => at - each.at <= SECONDS || nth === this.#seen.length - 1);
		this.#seen = [...kept, { at, ended: counts.done + counts.failed, saved: bytes_in - bytes_out }];
	}

	/**
	 * Null where nothing moves, or too little was seen.
	 * @param {number} now in seconds
	 * @returns {{images: number, saved: number} | null}
	 */
	aSecond(now) {
		const last = this.#seen.at(-1);
		const first = this.#seen.find(({ at }) => now - at <= SECONDS);
		if (!first || !last || last.ended <= first.ended || now - first.at < SHORTEST_SECONDS) return null;
		const seconds = now - first.at;
		return { images: (last.ended - first.ended) / seconds, saved: Math.max(0, last.saved - first.saved) / seconds };
	}
}
