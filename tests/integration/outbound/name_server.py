"""A name server in the attacker's hand: it answers each name from a list, one entry a question and kind."""

import asyncio
import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import cast

A, AAAA = 1, 28
ANSWER_FLAGS, NO_SUCH_NAME = 0x8580, 0x8583
HEADER = struct.Struct(">6H")
POINTER_TO_QUESTION = 0xC00C

Zone = Mapping[str, Sequence[Sequence[str]]]  # name: the addresses of the first answer, of the second, …


class NameServer(asyncio.DatagramProtocol):
    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._asked: Counter[tuple[str, int]] = Counter()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        name, kind, question = _question(data)
        query_id = HEADER.unpack_from(data)[0]
        if name not in self._zone:
            head = HEADER.pack(query_id, NO_SUCH_NAME, 1, 0, 0, 0)
            self._transport.sendto(head + question, address)
            return
        answers = self._zone[name]
        turn = min(self._asked[name, kind], len(answers) - 1)
        self._asked[name, kind] += 1
        records = [_record(kind, text) for text in answers[turn] if (":" in text) == (kind == AAAA)]
        head = HEADER.pack(query_id, ANSWER_FLAGS, 1, len(records), 0, 0)
        self._transport.sendto(head + question + b"".join(records), address)


def _question(data: bytes) -> tuple[str, int, bytes]:
    labels, at = [], HEADER.size
    while length := data[at]:
        labels.append(data[at + 1 : at + 1 + length].decode())
        at += 1 + length
    (kind,) = struct.unpack_from(">H", data, at + 1)
    return ".".join(labels).lower(), kind, data[HEADER.size : at + 5]


def _record(kind: int, text: str) -> bytes:
    address = ip_address(text).packed
    return struct.pack(">HHHIH", POINTER_TO_QUESTION, kind, 1, 0, len(address)) + address
