"""The worst that somebody may put into a topic, and whether it can still be handled."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.consuming.broker import NewRecord
from shared.kafka.producer import MAX_MESSAGE_BYTES
from tests.integration.consuming.worlds import TOPIC, request

OVERHEAD_BYTES = 200  # of a record with its key and headers, roughly
GOOD = request(0).value()


class RawName(str):
    """A header's name that is sent as bytes which are no UTF-8."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        return b"\xff\xfe"


@dataclass(frozen=True)
class Worst:
    record: NewRecord
    handled: bool = False  # it is a good message all the same


def _record(value: bytes | None, *headers: tuple[str, bytes | None], key: bytes | None = b"k") -> NewRecord:
    return NewRecord(TOPIC.value, key, value, headers)


WORST: Mapping[str, Worst] = {
    "no key and no value": Worst(_record(None, key=None)),
    "no value": Worst(_record(None)),
    "nothing, in both": Worst(_record(b"", key=b"")),
    "no key": Worst(_record(GOOD, key=None), handled=True),
    "a header without a value": Worst(_record(GOOD, ("ce_time", None), ("x", None)), handled=True),
    "a header's name that is no text": Worst(_record(b"1", (RawName("\\xff\\xfe"), b"v"))),
    "a header's value that is no text": Worst(_record(GOOD, ("x", b"\xff"))),
    "no JSON": Worst(_record(b"{not json")),
    "no text": Worst(_record(b"\xff\xfe\x00")),
    "another JSON": Worst(_record(b'{"request_id": [1]}')),
    "deep JSON": Worst(_record(b"[" * 100_000)),
    "half a surrogate pair": Worst(_record(GOOD.replace(b"shop.example", b"\\ud800"))),
    "a future version": Worst(_record(GOOD, ("ce_type", b"pixmill.image.requested.v2"))),
    "a time that is none": Worst(_record(GOOD, ("ce_time", b"yesterday"))),
    "a megabyte": Worst(_record(b"x" * 1_000_000)),
    "as large as may be": Worst(_record(b"x" * (MAX_MESSAGE_BYTES - OVERHEAD_BYTES))),
}
