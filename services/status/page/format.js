// Numbers, sizes and times as the reader's language writes them.

import { language } from "./words/words.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

/** @type {Map<string, Intl.NumberFormat>} */
const ways = new Map();
const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "long" });
const clock = new Intl.DateTimeFormat(language, { timeStyle: "medium" });
const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

/** Each way to write a number is made once: that takes long. @param {number} value @param {Intl.NumberFormatOptions} options */
function written(value, options) {
	const name = JSON.stringify(options);
	const way = ways.get(name) ?? new Intl.NumberFormat(language, options);
	ways.set(name, way);
	return way.format(value);
}

/** @param {number} count */
export const number = (count) => written(count, {});

/** @param {number} value */
export const decimal = (value) => written(value, { maximumFractionDigits: 1 });

/** In the unit in which it is still below a thousand as it is written. @param {number} size */
export function bytes(size) {
	let [value, step] = [size, 0];
	for (; Math.round(value) >= 1000 && step < UNITS.length - 1; step += 1) value /= 1000;
	return written(value, {
		style: "unit",
		unit: UNITS[step],
		unitDisplay: step === 0 ? "long" : "short",
		maximumFractionDigits: step > 1 && value < 100 ? 1 : 0,
	});
}

/** @param {number} before @param {number} after */
export const fromTo = (before, after) => `${bytes(before)} → ${bytes(after)}`;

/** Of a picture whose size is known. @param {Api.Image} image */
export function pixels({ width, height }) {
	return width !== null && height !== null && `${number(width)} × ${number(height)}`;
}

/**
 * How much smaller, in whole percent; never 100 while anything is left.
 * @param {number} before
 * @param {number} after
 */
export function savedPercent(before, after) {
	if (before <= 0) return 0;
	return Math.max(0, Math.min(Math.round(100 * (1 - after / before)), 99));
}

/** @param {number} seconds */
export function duration(seconds) {
	const [size, unit] = spanOf(seconds);
	return written(size, { style: "unit", unit, unitDisplay: "long" });
}

/** @param {number} seconds @returns {[number, "second" | "minute" | "hour" | "day"]} */
function spanOf(seconds) {
	if (seconds < 100) return [Math.max(1, Math.round(seconds)), "second"];
	if (seconds < 90 * MINUTE) return [Math.round(seconds / MINUTE), "minute"];
	if (seconds < 36 * HOUR) return [Math.round(seconds / HOUR), "hour"];
	return [Math.round(seconds / DAY), "day"];
}

/** @param {string} time */
export const when = (time) => moment.format(new Date(time));

/** @param {string} time */
export const dayOf = (time) => day.format(new Date(time));

/** @param {string} time */
export const clockTime = (time) => clock.format(new Date(time));

/** @param {string} time */
export function since(time) {
	const [size, unit] = spanOf((Date.now() - Date.parse(time)) / 1000);
	return ago.format(-size, unit);
}
