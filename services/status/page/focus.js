// Where the keys are once what had them is gone: never nowhere, for who listens would begin at the top of the page.

/**
 * Does what may take the focused element away. That keeps the focus where it is still to be seen; else another has it,
 * or what lies around it, the view at the most.
 * @param {Element} element
 * @param {() => void} change
 * @param {Element | null} [other]
 */
export function keepingFocus(element, change, other = null) {
	const held = element.contains(document.activeElement) ? document.activeElement : null;
	const around = element.parentElement?.closest("[tabindex]") ?? document.querySelector("main");
	change();
	if (held !== null) [held, other, around].find(isSeen)?.focus({ preventScroll: true });
}

/** Where nothing has it, the view does. */
export function focusAnything() {
	const held = document.activeElement;
	if (held === null || held === document.body) document.querySelector("main")?.focus({ preventScroll: true });
}

/** @param {Element | null} element @returns {element is HTMLElement} */
const isSeen = (element) => element?.isConnected === true && element.closest("[hidden]") === null;
