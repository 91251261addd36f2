// The addresses in a cell.

/** @param {string} cell */
export const addressesIn = (cell) =>
	cell
		.split(/[\s,;|]+(?=https?:\/\/)/i)
		.map((each) => each.trim())
		.filter((each) => /^https?:\/\//i.test(each));
