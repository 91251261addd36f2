"""What the next run of a request takes in (pure): all that is not done, or only what failed with some codes.
The other failures stand then.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from services.status.records.database_row import Row
from shared.contract.codes import Code

Codes = AbstractSet[Code]  # none: all of them


@dataclass(frozen=True, slots=True)
class Standing:
    """The failures that the next run leaves as they are, by code: how many, and since which run."""

    counts: Mapping[str, int]
    since: Mapping[str, int]

    @property
    def images(self) -> int:
        return sum(self.counts.values())


def standing_besides(codes: Codes, request: Row) -> Standing | None:
    """Of an ended request, a row of `lock_owned`; None where nothing is to be tried again, or no image failed
    with one of the codes. Where images had no turn nothing stands: only a run of all can bring it to them.
    """
    if not request["unsuccessful"]:
        return None
    if not codes:
        return Standing({}, {})
    counts, since = request["failure_counts"], request["standing"]
    if not codes <= counts.keys() or not had_turns(request["cancelled"], request["failure_code"]):
        return None
    left = counts.keys() - codes
    return Standing(
        {code: counts[code] for code in left}, {code: since.get(code, request["run"]) for code in left}
    )


def had_turns(cancelled: int, failure_code: str | None) -> bool:
    """Whether a run ended because each of its images had."""
    return cancelled == 0 and failure_code is None


def is_taken_in(codes: Codes, request: Row) -> bool:
    """Whether the open run of a request, a row of `lock_owned`, tries all of this again."""
    standing = request["standing"].keys()
    return standing.isdisjoint(codes) if codes else not standing
