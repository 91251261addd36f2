// What the browser keeps for the page. Where it keeps nothing, because it is full or somebody forbade it, the page
// remembers by itself, for as long as it is open.

/** @typedef {{get: (name: string) => string | null, set: (name: string, text: string) => void, remove: (name: string) => void}} Kept */

/** For as long as the tab. */
export const ofTheTab = keeper(() => sessionStorage);

/** For the next visit. */
export const ofTheBrowser = keeper(() => localStorage);

/** @param {() => Storage} storage which a browser may refuse to give at all @returns {Kept} */
function keeper(storage) {
	/** @type {Map<string, string>} */
	const own = new Map();
	return {
		get: (name) => own.get(name) ?? unlessRefused(() => storage().getItem(name)),
		set: (name, text) => {
			own.set(name, text);
			unlessRefused(() => {
				storage().setItem(name, text);
				own.delete(name);
			});
		},
		remove: (name) => {
			own.delete(name);
			unlessRefused(() => storage().removeItem(name));
		},
	};
}

/**
 * @template T
 * @param {() => T} act
 */
function unlessRefused(act) {
	try {
		return act();
	} catch {
		return null;
	}
}
