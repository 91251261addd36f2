"""The status JSON of /v1, complete: a record and what else has to be read for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pydantic_core import to_json

from services.status.reading.reader import Reader
from services.status.reading.watchers import Snapshot
from services.status.records.request import RequestRecord
from services.status.rendering.links import Links
from services.status.rendering.v1 import v1_request
from services.status.rendering.values import Json
from shared.clock import utc_now


@dataclass(frozen=True, slots=True)
class Presenter:
    reader: Reader
    links: Links
    now: Callable[[], datetime] = utc_now

    def status(self, record: RequestRecord) -> Json:
        return v1_request(record, self.links, self.now())

    async def snapshot(self, record: RequestRecord) -> Snapshot:
        """Read and rendered once, however many listen."""
        status = self.status(record)
        completion = await self.reader.completion(record) if record.ended else None
        return Snapshot(record, status, to_json(status), completion)
