"""What changes on a request's row while its images end. It judges nothing."""

import json
from collections import Counter
from dataclasses import dataclass, field, fields
from uuid import UUID

from shared.contract.codes import Code


@dataclass(slots=True, kw_only=True)
class RequestCounts:
    """What results change on one request's row: a row of `write_results`."""

    request_id: UUID
    done: int = 0
    failed: int = 0
    failure_counts: Counter[Code] = field(default_factory=Counter)
    landed: int = 0  # no longer in flight
    bytes_in: int = 0
    bytes_out: int = 0
    due_in_seconds: float | None = None
    repeats_left: bool | None = None  # None: as it was

    def add_failures(self, code: Code | None, images: int = 1) -> None:
        self.failed += images
        if code is not None:
            self.failure_counts[code] += images

    def row(self) -> tuple[object, ...]:
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return tuple((values | {"failure_counts": json.dumps(self.failure_counts)}).values())
