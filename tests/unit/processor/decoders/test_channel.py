"""The service's end of a decoder's socket: a verdict in pieces, and a child that ends."""

import asyncio
import json
import math
import socket
from collections.abc import AsyncIterator

import pytest

from services.processor.decoders.channel import Behind, Channel, open_channel, socket_pair
from services.processor.decoders.wire import READY, RESPONSE, Assignment, packed_verdict
from services.processor.verdicts import Compressed, Failure
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat
from tests.worlds.patience import DEADLINE_SECONDS

ASSIGNMENT = Assignment(3, 50, None, 1_000)


@pytest.fixture
async def ends() -> AsyncIterator[tuple[Channel, socket.socket]]:
    ours, theirs = socket_pair()
    channel = await open_channel(ours)
    theirs.setblocking(False)
    theirs.send(READY)
    with theirs:
        yield channel, theirs
    channel.hang_up()


async def test_a_verdict_that_comes_in_pieces_is_one_verdict(ends: tuple[Channel, socket.socket]) -> None:
    channel, child = ends
    loop = asyncio.get_running_loop()
    for verdict in (
        Compressed(data=b"smaller", format=PictureFormat.JPEG, width=4, height=3),
        Failure(FailureCode.DAMAGED),
    ):
        exchange = asyncio.create_task(channel.exchange(ASSIGNMENT, b"abc"))
        assert await loop.sock_recv(child, 100) == ASSIGNMENT.packed() + b"abc"
        for byte in packed_verdict(verdict, 7):
            await loop.sock_sendall(child, bytes([byte]))
        assert await exchange == (verdict, 7)


async def test_a_child_that_ends_before_it_says_that_it_is_ready_never_was() -> None:
    ours, theirs = socket_pair()
    channel = await open_channel(ours)
    theirs.close()
    with pytest.raises(EOFError):
        await channel.exchange(ASSIGNMENT, b"abc")
    assert not channel.child_is_ready


async def test_a_child_that_ends_in_the_middle_is_told_at_once(ends: tuple[Channel, socket.socket]) -> None:
    channel, child = ends
    exchange = asyncio.create_task(channel.exchange(ASSIGNMENT, b"abc"))
    assert await asyncio.get_running_loop().sock_recv(child, 100)
    child.send(packed_verdict(Failure(FailureCode.DAMAGED), 7)[:-1])
    child.close()
    with pytest.raises(EOFError):
        await exchange
    assert channel.child_is_ready


async def test_a_child_that_says_more_than_any_verdict_holds_is_hung_up_on(
    ends: tuple[Channel, socket.socket],
) -> None:
    """R22: the picture may have taken it over; what it sends would fill our memory."""
    channel, child = ends
    loop = asyncio.get_running_loop()
    exchange = asyncio.create_task(channel.exchange(ASSIGNMENT, b"abc"))
    assert await loop.sock_recv(child, 100)
    with pytest.raises(OSError, match=r"Broken pipe|reset"):
        await loop.sock_sendall(child, RESPONSE.pack(2**31, 2**31) + bytes(64_000_000))
    with pytest.raises(EOFError):
        await exchange


async def test_the_largest_picture_that_may_come_of_an_image_is_taken(
    ends: tuple[Channel, socket.socket],
) -> None:
    """Of four bytes a pixel where nothing gets smaller, and beside that what belongs to the file."""
    channel, child = ends
    loop = asyncio.get_running_loop()
    pixels, body = 100_000, bytes(50_000)
    exchange = asyncio.create_task(channel.exchange(Assignment(len(body), 50, None, pixels), body))
    assert await loop.sock_recv(child, 100)
    data = bytes(4 * (pixels + len(body)))
    verdict = Compressed(data=data, format=PictureFormat.BMP, width=400, height=250)
    async with asyncio.timeout(DEADLINE_SECONDS):
        await loop.sock_sendall(child, packed_verdict(verdict, 7))
        assert await exchange == (verdict, 7)


def framed(told: bytes) -> bytes:
    return RESPONSE.pack(len(told), 0) + told


def failed(**fields: object) -> bytes:
    told = {"memory_bytes": 7, "code": "damaged", "detail": None, "retry_after_seconds": None}
    return framed(json.dumps({**told, **fields}).encode())


def compressed(width: int = 4, height: int = 3, decode_ms: float = 1) -> bytes:
    verdict = Compressed(
        data=b"x", format=PictureFormat.JPEG, width=width, height=height, decode_ms=decode_ms, encode_ms=1
    )
    return packed_verdict(verdict, 7)


@pytest.mark.parametrize(
    "nonsense",
    [
        framed(b""),
        framed(b"\x01 too short"),
        framed(b"no JSON"),
        framed(b"\xff"),
        framed(b"[]"),
        framed(b"{}"),
        framed(b"[" * 60_000),
        failed(code="no code of ours"),
        failed(memory_bytes=math.inf),
        failed(detail=1),
        failed(retry_after_seconds="soon"),
        compressed(width=2**32 - 1),
        compressed(height=2**32 - 1),
        compressed(decode_ms=math.nan),
    ],
    ids=range(14),
)
async def test_a_child_whose_verdict_is_none_is_hung_up_on(
    nonsense: bytes, ends: tuple[Channel, socket.socket]
) -> None:
    """R22: the picture may have taken it over. Its decoder waited until the attempt was over."""
    channel, child = ends
    loop = asyncio.get_running_loop()
    exchanges = [asyncio.create_task(channel.exchange(ASSIGNMENT, b"abc")) for _ in range(2)]
    assert await loop.sock_recv(child, 100)
    await loop.sock_sendall(child, nonsense)
    async with asyncio.timeout(DEADLINE_SECONDS):
        told, behind = await asyncio.gather(*exchanges, return_exceptions=True)
    assert isinstance(told, EOFError)
    assert isinstance(behind, Behind)
    assert not channel.is_open


async def test_a_child_that_ended_before_is_found_by_the_next_order(
    ends: tuple[Channel, socket.socket],
) -> None:
    channel, child = ends
    child.close()
    for _ in range(2):
        with pytest.raises(EOFError):
            await channel.exchange(ASSIGNMENT, b"abc")


async def test_what_is_asked_meanwhile_is_answered_in_its_order(ends: tuple[Channel, socket.socket]) -> None:
    """Also where nobody waits any more, and where several verdicts come in one piece."""
    channel, child = ends
    verdicts = [Failure(FailureCode.DAMAGED, str(number)) for number in range(4)]
    exchanges = [asyncio.create_task(channel.exchange(ASSIGNMENT, b"abc")) for _ in verdicts]
    await asyncio.sleep(0)
    exchanges[1].cancel()
    packed = b"".join(packed_verdict(verdict, 7) for verdict in verdicts)
    for piece in (packed[:-40], packed[-40:]):
        child.send(piece)
        await asyncio.sleep(0.01)
    told = await asyncio.gather(*exchanges, return_exceptions=True)
    assert told[::2] == [(verdicts[0], 7), (verdicts[2], 7)]
    assert told[3] == (verdicts[3], 7)
    assert isinstance(told[1], asyncio.CancelledError)


async def test_of_those_that_wait_for_a_child_that_ends_only_the_first_one_was_in_its_hands(
    ends: tuple[Channel, socket.socket],
) -> None:
    """R29"""
    channel, child = ends
    exchanges = [asyncio.create_task(channel.exchange(ASSIGNMENT, b"abc")) for _ in range(4)]
    await asyncio.sleep(0)
    exchanges[1].cancel()
    child.send(packed_verdict(Failure(FailureCode.DAMAGED), 7))
    child.close()
    done, nobodys, *behind = await asyncio.gather(*exchanges, return_exceptions=True)
    assert done == (Failure(FailureCode.DAMAGED), 7)
    assert isinstance(nobodys, asyncio.CancelledError)
    assert all(isinstance(each, Behind) for each in behind)  # it was in the middle of what nobody wants


async def test_a_child_that_speaks_unasked_is_hung_up_on(ends: tuple[Channel, socket.socket]) -> None:
    """R22: its words would be taken for the verdict on the next image."""
    channel, child = ends
    child.send(packed_verdict(Failure(FailureCode.DAMAGED), 7))
    assert await asyncio.get_running_loop().sock_recv(child, 100) == b""
    assert not channel.is_open


async def test_a_child_is_wanted_while_one_waits_for_it_whoever_else_has_given_up(
    ends: tuple[Channel, socket.socket],
) -> None:
    channel, _ = ends
    first, second = (asyncio.create_task(channel.exchange(ASSIGNMENT, b"abc")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    assert channel.is_wanted
    second.cancel()
    await asyncio.wait([second])
    assert not channel.is_wanted


@pytest.mark.parametrize("child_ends", [True, False])
async def test_whoever_would_replace_a_child_learns_when_nobody_waits_for_it_any_more(
    ends: tuple[Channel, socket.socket], *, child_ends: bool
) -> None:
    """R29: tiny images that are still on their way to a worn child are not cut off."""
    channel, child = ends
    first, second = (asyncio.create_task(channel.exchange(ASSIGNMENT, b"abc")) for _ in range(2))
    await asyncio.sleep(0)
    unwanted = asyncio.create_task(channel.unwanted())
    verdict = packed_verdict(Failure(FailureCode.DAMAGED), 7)
    async with asyncio.timeout(DEADLINE_SECONDS):
        child.send(verdict)
        await first
        for _ in range(5):
            await asyncio.sleep(0)
        assert not unwanted.done()
        if child_ends:
            child.close()
        else:
            child.send(verdict)
        await asyncio.wait([second])
        await unwanted
        await channel.unwanted()
