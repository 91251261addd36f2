// Which pages of a long list are in the document: a few around what is seen. The others are room of their height, so
// that a list of 100,000 weighs as much as one of 300.

import { div, h } from "../../element.js";

const MOST_PAGES = 5;
const AHEAD = 900; // pixels

/** @template T */
export class WindowOfPages {
	/** @type {(string | null)[]} where each page that is known begins */
	#cursors = [null];
	/** @type {number[]} */
	#heights = [];
	/** @type {{element: HTMLElement, items: T[]}[]} */
	#shown = [];
	#from = 0;
	#isBusy = false;
	#stop = new AbortController();
	#above = h("div", { "aria-hidden": "true" });
	#below = h("div", { "aria-hidden": "true" });
	#pages = div("pages");
	place = div("", this.#above, this.#pages, this.#below);

	/** @param {Page.Source<T>} source */
	constructor(source) {
		this.source = source;
		const { signal } = this.#stop;
		for (const event of ["scroll", "resize"]) addEventListener(event, () => this.settle(), { passive: true, signal });
	}

	end() {
		this.#stop.abort();
	}

	get #isOver() {
		return this.#stop.signal.aborted;
	}

	/** @returns {T[]} */
	get items() {
		return this.#shown.flatMap(({ items }) => items);
	}

	/** Loads what is about to be seen, until nothing is missing. */
	async settle() {
		if (this.#isBusy || this.#isOver) return;
		this.#isBusy = true;
		try {
			for (let page = this.#missing(); page !== null && !this.#isOver; page = this.#missing()) await this.#load(page);
		} catch (error) {
			this.source.fail(error);
		} finally {
			this.#isBusy = false;
		}
	}

	/** Whether there are more items than those in the document. @param {1 | -1} step */
	goesOn(step) {
		return step > 0 ? this.#from + this.#shown.length < this.#cursors.length : this.#from > 0;
	}

	/** The items behind those that are in the document, whether they are about to be seen or not. */
	async forward() {
		if (this.goesOn(1)) await this.#load(this.#from + this.#shown.length);
	}

	async back() {
		if (this.goesOn(-1)) await this.#load(this.#from - 1);
	}

	/** @returns {number | null} */
	#missing() {
		const end = this.#from + this.#shown.length;
		if (this.#shown.length === 0) return this.#from;
		const above = this.#above.getBoundingClientRect();
		if (this.#from > 0 && above.bottom > -AHEAD) return this.#pageAt(0, this.#from - 1, -above.top - AHEAD);
		const below = this.#below.getBoundingClientRect();
		if (end < this.#cursors.length && below.top < innerHeight + AHEAD)
			return this.#pageAt(end, this.#cursors.length - 1, -below.top);
		return null;
	}

	/** The page that lies so many pixels below the beginning of `first`. @param {number} first @param {number} last @param {number} pixels */
	#pageAt(first, last, pixels) {
		let page = first;
		for (let left = pixels; page < last && left > (this.#heights[page] ?? 0); page += 1)
			left -= this.#heights[page] ?? 0;
		return page;
	}

	/** @param {number} page */
	async #load(page) {
		const { items, next } = await this.source.read(this.#cursors[page] ?? null);
		if (this.#isOver) return;
		if (page === this.#cursors.length - 1 && next !== null) this.#cursors.push(next);
		const end = this.#from + this.#shown.length;
		if (page < this.#from - 1 || page > end) this.#forget(page);
		const shown = { element: this.source.draw(items), items };
		if (page < this.#from) {
			this.#shown.unshift(shown);
			this.#pages.prepend(shown.element);
			this.#from = page;
			if (this.#shown.length > MOST_PAGES) this.#drop(this.#shown.length - 1);
		} else {
			this.#shown.push(shown);
			this.#pages.append(shown.element);
			if (this.#shown.length > MOST_PAGES) this.#drop(0);
		}
		this.#makeRoom();
	}

	/** A jump to somewhere else: nothing that is in the document is near it. @param {number} page */
	#forget(page) {
		while (this.#shown.length > 0) this.#drop(this.#shown.length - 1);
		this.#from = page;
	}

	/** @param {number} at */
	#drop(at) {
		const [dropped] = this.#shown.splice(at, 1);
		if (dropped === undefined) return;
		this.#heights[this.#from + at] = dropped.element.offsetHeight;
		dropped.element.remove();
		if (at === 0) this.#from += 1;
	}

	#makeRoom() {
		const end = this.#from + this.#shown.length;
		this.#above.style.blockSize = `${sum(this.#heights.slice(0, this.#from))}px`;
		this.#below.style.blockSize = `${sum(this.#heights.slice(end, this.#cursors.length))}px`;
	}
}

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + (value ?? 0), 0);
