// Types of the page's own that many of its files speak of; for the type checker alone.

declare namespace Page {
	type Actions = import("./views/create/file_card.js").Actions;
	type Attributes = import("./element.js").Attributes;
	type Child = import("./element.js").Child;
	type Entry = import("./sending/basket.js").Entry;
	type Options = import("./sending/options.js").Options;
	type Problem = import("./api/problem.js").Problem;
	type Progress = import("./api/upload.js").Progress;
	type View = import("./router.js").View;
}
