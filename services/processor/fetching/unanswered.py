"""Whether a host cuts requests off, or lets them time out, for our number or for reasons of its own (pure):
the first depends on how many are under way there, the second does not.
"""

import math
from array import array
from itertools import repeat

REMEMBERED_ENDS = 50  # of each number under way; earlier ones count less and less: a host changes
AS_GOOD = 0.8  # so much of the share that fewer requests get answered
KNOWN_ENDS = 4  # of fewer; before that any difference counts
BEYOND_CHANCE = 2.0  # standard deviations of a difference that is none: a few ends differ by chance


class Unanswered:
    """How many requests a host answered, and how many it did not, by how many were under way when each was
    sent. Thousands of hosts are remembered, and most get few at once: no room is held for more.
    """

    def __init__(self) -> None:
        self._ends = array("d")
        self._answers = array("d")

    def ended(self, under_way: int, *, was_answered: bool) -> None:
        if (unknown := under_way + 1 - len(self._ends)) > 0:
            self._ends.extend(repeat(0.0, unknown))
            self._answers.extend(repeat(0.0, unknown))
        kept = 1 - 1 / REMEMBERED_ENDS
        self._ends[under_way] = kept * self._ends[under_way] + 1
        self._answers[under_way] = kept * self._answers[under_way] + was_answered

    def are_for_our_number(self, under_way: int) -> bool:
        """Those of so many or more. What was alone there was cut off for the host's own reasons."""
        fewer, more = slice(None, under_way), slice(under_way, None)
        ends_of_fewer, ends_of_more = sum(self._ends[fewer]), sum(self._ends[more])
        if not ends_of_fewer:
            return under_way > 1
        share_of_fewer = sum(self._answers[fewer]) / ends_of_fewer
        share_of_more = sum(self._answers[more]) / ends_of_more
        if share_of_more >= AS_GOOD * share_of_fewer or ends_of_fewer < KNOWN_ENDS:
            return share_of_more < AS_GOOD * share_of_fewer
        share = sum(self._answers) / sum(self._ends)
        by_chance = math.sqrt(share * (1 - share) * (1 / ends_of_fewer + 1 / ends_of_more))
        return share_of_fewer - share_of_more > BEYOND_CHANCE * by_chance
