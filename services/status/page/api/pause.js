// How long to wait before the next try: longer each time, and never all pages at once.

const LONGEST_SECONDS = 30;

/** @param {number} tries how often it was in vain so far */
export function pauseSeconds(tries) {
	const most = Math.min(LONGEST_SECONDS, 2 ** tries);
	return most * (0.5 + Math.random() / 2);
}

/**
 * Ends early by the signal, and when the browser says that the network is back.
 * @param {number} seconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export function pause(seconds, signal) {
	return new Promise((resolve) => {
		const timer = setTimeout(done, 1000 * seconds);
		function done() {
			clearTimeout(timer);
			removeEventListener("online", done);
			signal.removeEventListener("abort", done);
			resolve();
		}
		addEventListener("online", done);
		signal.addEventListener("abort", done);
		if (signal.aborted) done();
	});
}
