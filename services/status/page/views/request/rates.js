// How fast a request goes: from what was seen of it within the last seconds.

const SECONDS = 12;
const SHORTEST_SECONDS = 1;

/** @typedef {import("../../api/shapes.js").RequestSummary} RequestSummary */

export class Rates {
	/** @type {{at: number, ended: number, saved: number}[]} */
	#seen = [];

	/**
	 * @param {RequestSummary} request
	 * @param {number} at in seconds
	 */
	see({ counts, bytes_in, bytes_out }, at) {
		const sample = { at, ended: counts.done + counts.failed, saved: bytes_in - bytes_out };
		if (this.#seen.some(({ ended }) => ended > sample.ended)) this.#seen = []; // another run
		this.#seen = [...this.#seen.filter((each) => at - each.at <= SECONDS), sample];
	}

	/** @returns {{images: number, saved: number} | null} */
	aSecond() {
		const first = this.#seen[0];
		const last = this.#seen.at(-1);
		if (!first || !last || last.at - first.at < SHORTEST_SECONDS) return null;
		const seconds = last.at - first.at;
		return { images: (last.ended - first.ended) / seconds, saved: Math.max(0, last.saved - first.saved) / seconds };
	}
}
