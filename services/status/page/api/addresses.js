// Files of this server are asked for at this page's own origin, whatever address their links carry.

const FILES = "/v1/files/";

/** @param {string} url */
export function ownAddress(url) {
	const { pathname } = new URL(url, location.origin);
	return pathname.startsWith(FILES) ? pathname : url;
}

/**
 * How a person calls a picture: the last part of its address.
 * @param {string} url
 */
export function nameOf(url) {
	const last = url.split(/[?#]/)[0]?.split("/").filter(Boolean).pop() ?? url;
	try {
		return decodeURIComponent(last);
	} catch {
		return last;
	}
}

/**
 * Where a picture comes from.
 * @param {string} url
 */
export const hostOf = (url) => (URL.canParse(url) ? new URL(url).host : url);
