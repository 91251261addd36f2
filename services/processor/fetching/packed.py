"""Unpacks what a host sends packed although it was asked not to: a bucket hands a file out as it was put
there, with `Content-Encoding: gzip` (or `gzip,aws-chunked`, as it was sent), and old programs pack all they
send with deflate; every browser shows it. It knows no limit: whoever takes the pieces stops.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator

from shared.outbound.client import NetCode, Unreachable

PIECE_BYTES = 256 * 1024
_NAMES = frozenset({"gzip", "x-gzip", "deflate"})
_BEGINS = (b"\x1f\x8b", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")  # a gzip, or zlib at some level
_EITHER = 32 + zlib.MAX_WBITS


async def unpacked(chunks: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """In small pieces, between which others have their turn. What is not packed, whatever its host says,
    comes as it is. Raises `Unreachable` for what is broken.
    """
    if _NAMES.isdisjoint(name.strip() for name in encoding.lower().split(",")):
        async for chunk in chunks:
            yield chunk
        return
    begin = await _beginning(chunks)
    whole = _with_beginning(begin, chunks)
    async for piece in _inflated(whole) if begin.startswith(_BEGINS) else whole:
        yield piece


async def _beginning(chunks: AsyncIterator[bytes]) -> bytes:
    begin = b""
    async for chunk in chunks:
        begin += chunk
        if len(begin) >= len(_BEGINS[0]):
            break
    return begin


async def _with_beginning(begin: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield begin
    async for chunk in rest:
        yield chunk


async def _inflated(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Also pieces without a byte: who waits for bytes sees that none come."""
    inflating = zlib.decompressobj(_EITHER)
    try:
        async for chunk in chunks:
            waiting = chunk
            while waiting:
                yield inflating.decompress(waiting, PIECE_BYTES)
                waiting = inflating.unconsumed_tail
                await asyncio.sleep(0)
            if inflating.eof:  # whatever comes behind it, nobody shows
                return
        yield inflating.flush()
    except zlib.error as error:
        raise Unreachable(NetCode.CONNECTION_LOST, f"what it packed is broken: {error}") from error
    if not inflating.eof:
        raise Unreachable(NetCode.CONNECTION_LOST, "what it packed breaks off")
