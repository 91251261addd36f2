// As much of a browser as the views of a request need, for stories that are about the order of answers alone. How the
// page looks and is used is shown in a real browser (tests/browser).

class FakeElement extends EventTarget {
	attributes = new Map();
	children = [];
	parent = null;
	hidden = false;
	offsetHeight = 0;
	style = { setProperty: () => {} };
	classList = { toggle: () => {} };

	append(...children) {
		for (const child of children) this.#take(child);
	}

	replaceChildren(...children) {
		for (const child of this.#elements) child.parent = null;
		this.children = [];
		this.append(...children);
	}

	remove() {
		this.parent.children = this.parent.children.filter((each) => each !== this);
		this.parent = null;
	}

	get #elements() {
		return this.children.filter((child) => child instanceof FakeElement);
	}

	get childElementCount() {
		return this.#elements.length;
	}

	#take(child) {
		this.children.push(child);
		if (child instanceof FakeElement) child.parent = this;
	}

	setAttribute(name, value) {
		this.attributes.set(name, value);
	}

	get textContent() {
		return this.children.map((child) => child.textContent ?? child).join("");
	}

	set textContent(text) {
		this.replaceChildren(text);
	}

	get isConnected() {
		return this === document.body || (this.parent?.isConnected ?? false);
	}

	/** All within it, in their order. */
	get all() {
		return this.#elements.flatMap((child) => [child, ...child.all]);
	}

	matches = () => false;
	contains = () => false; // nothing has the focus
	getBoundingClientRect = () => ({ top: 0, bottom: 0 });
}

class FakeDocument extends EventTarget {
	title = "";
	visibilityState = "visible";
	documentElement = new FakeElement();
	body = new FakeElement();
	createElement = () => new FakeElement();
	createElementNS = () => new FakeElement();
	querySelector = () => this.documentElement;
	querySelectorAll = () => [];
}

/** Which never reaches anybody. */
class LostUpload extends EventTarget {
	upload = new EventTarget();
	open = () => {};
	setRequestHeader = () => {};
	send = () => setImmediate(() => this.dispatchEvent(new Event("error")));
	abort = () => {};
}

const own = new EventTarget();
const given = {
	Node: FakeElement,
	document: new FakeDocument(),
	location: { origin: "http://page", hash: "" },
	sessionStorage: { getItem: () => null, setItem: () => {}, removeItem: () => {} },
	XMLHttpRequest: LostUpload,
	addEventListener: own.addEventListener.bind(own),
	removeEventListener: own.removeEventListener.bind(own),
	dispatchEvent: own.dispatchEvent.bind(own),
	innerHeight: 0,
	isSecureContext: false,
};
for (const [name, value] of Object.entries(given)) Object.defineProperty(globalThis, name, { value, writable: true });
