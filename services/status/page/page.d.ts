// Types of the page's own, of what goes from one of its files to another; for the type checker alone.

declare namespace Page {
	type Entry = import("./sending/basket.js").Entry;
	type Problem = import("./api/problem.js").Problem;

	type Child = Node | string | number | null | undefined | false;
	type Content = Child | Child[];
	// biome-ignore lint/suspicious/noExplicitAny: which event it is, its listener knows
	type Listeners = { [event: string]: (event: any) => void };
	interface Attributes {
		[name: string]: string | number | boolean | null | undefined | Listeners;
		on?: Listeners;
	}

	interface View {
		show: (place: HTMLElement) => void;
		leave?: () => void;
	}

	interface Call {
		method?: string;
		headers?: { [name: string]: string };
		body?: BodyInit;
		signal?: AbortSignal | undefined;
		cache?: RequestCache;
		endless?: boolean;
		/** A status that is an answer too, though a refusal. */
		takes?: number;
	}

	interface Progress {
		sent: number;
		total: number;
	}

	interface Sending {
		signal: AbortSignal;
		headers?: { [name: string]: string };
		onProgress: (progress: Progress) => void;
		/** That ended tries of the same before. */
		silences?: number;
	}

	interface Following {
		signal: AbortSignal;
		onRequest: (request: Api.Request) => void;
		onLost: () => void;
	}

	type Take = (files: File[]) => void;
	type Phase = "waiting" | "judging" | "judged" | "refused" | "queued" | "sending" | "sent";

	interface Options {
		quality: number;
		format: string;
		priority: string;
		webhook_url: string;
	}

	/** What can be done with a file on its way. */
	interface Actions {
		send: () => void;
		abort: () => void;
		remove: () => void;
		judge: () => void;
		replace: () => void;
	}

	/** The picture before or after another; null where there is none after all. */
	interface Neighbours {
		find: (image: Api.Image, step: 1 | -1) => Promise<Api.Image | null>;
		isThere: (image: Api.Image, step: 1 | -1) => boolean;
	}

	/** Where a long list comes from, and how a page of it is drawn. */
	interface Source<T> {
		read: (cursor: string | null) => Promise<Api.Page<T>>;
		draw: (items: T[]) => HTMLElement;
		fail: (error: unknown) => void;
	}
}
