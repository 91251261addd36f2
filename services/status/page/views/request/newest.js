// Of two answers about a request the newer one: they may come in another order than they were made.

/** The way of a run; every other state is an end. @type {{[state: string]: number}} */
const STEPS = { pending: 0, processing: 1, cancelling: 2 };
const END = 3;

/** What only grows while a request lives, and first what weighs most. @param {Api.RequestSummary} request */
const ageOf = ({ run, state, counts }) => [run, STEPS[state] ?? END, counts.done + counts.failed + counts.cancelled];

/**
 * What is told, unless something newer is known.
 * @template {Api.RequestSummary} T
 * @param {T | null} known
 * @param {T} told
 */
export function newest(known, told) {
	if (known === null) return told;
	const before = ageOf(known);
	const steps = ageOf(told).map((each, at) => each - Number(before[at]));
	return (steps.find((each) => each !== 0) ?? 0) < 0 ? known : told;
}
