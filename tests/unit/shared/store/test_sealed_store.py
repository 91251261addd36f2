"""Encryption at rest: what lies on the disk says nothing, and whatever is changed in it is noticed."""

import asyncio
import base64
import random
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from shared.outcomes import Away
from shared.store import Tampered
from shared.store.cipher import (
    CHUNK_BYTES,
    HEADER_BYTES,
    SEALED_CHUNK_BYTES,
    Broken,
    Keyring,
    Opener,
    Sealer,
    UnknownKey,
)
from shared.store.cipher import plain_size as size_of
from shared.store.sealed_store import SealedStore
from shared.testing.fakes import FakeStore

KEY = "requests/0193/output/0-abc.jpg"
OLD, NEW = bytes(range(32)), bytes(range(1, 33))
RING = Keyring((OLD,))
SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 7]


def sealed(data: bytes, name: str = KEY, ring: Keyring = RING) -> bytes:
    sealer = Sealer(ring, name)
    return sealer.add(data) + sealer.finish()


def opened(data: bytes, name: str = KEY, ring: Keyring = RING) -> bytes:
    opener = Opener(ring, name)
    return opener.add(data) + opener.finish()


async def all_of(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_is_opened_again_and_its_size_is_known(size: int) -> None:
    """R20"""
    data = random.randbytes(size)
    assert opened(sealed(data)) == data
    assert size_of(len(sealed(data))) == size


@pytest.mark.parametrize("whole_chunks", [0, 1, 3])
def test_no_size_is_told_of_an_object_that_is_cut_off_in_a_seal(whole_chunks: int) -> None:
    """R20: as one that a full disk has shortened."""
    sealed_bytes = HEADER_BYTES + whole_chunks * SEALED_CHUNK_BYTES
    seal_bytes = SEALED_CHUNK_BYTES - CHUNK_BYTES
    for left in range(whole_chunks > 0, seal_bytes):
        with pytest.raises(Broken):
            size_of(sealed_bytes + left)
    assert size_of(sealed_bytes + seal_bytes) == whole_chunks * CHUNK_BYTES


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=200_000), st.lists(st.integers(1, 100_000), min_size=1, max_size=8))
def test_the_pieces_in_which_it_passes_make_no_difference(data: bytes, lengths: list[int]) -> None:
    sealer, opener = Sealer(RING, KEY), Opener(RING, KEY)
    whole = b"".join(sealer.add(piece) for piece in pieces(data, lengths)) + sealer.finish()
    assert b"".join(opener.add(piece) for piece in pieces(whole, lengths)) + opener.finish() == data


def pieces(data: bytes, lengths: list[int]) -> list[bytes]:
    cut: list[bytes] = []
    at = 0
    while at < len(data):
        length = lengths[len(cut) % len(lengths)]
        cut.append(data[at : at + length])
        at += length
    return cut


def test_the_same_content_never_looks_the_same_and_shows_nothing() -> None:
    """R20"""
    data = b"a secret of the shop " * 1000
    assert sealed(data) != sealed(data)
    assert b"secret" not in sealed(data)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([0, 100, CHUNK_BYTES, 2 * CHUNK_BYTES + 5]), st.data())
def test_any_flipped_bit_is_noticed(size: int, draw: st.DataObject) -> None:
    whole = bytearray(sealed(bytes(size)))
    whole[draw.draw(st.integers(0, len(whole) - 1))] ^= 1 << draw.draw(st.integers(0, 7))
    with pytest.raises((Broken, UnknownKey)):
        opened(bytes(whole))


def chunk(whole: bytes, number: int) -> bytes:
    start = HEADER_BYTES + number * SEALED_CHUNK_BYTES
    return whole[start : start + SEALED_CHUNK_BYTES]


CONTENT = b"".join(bytes([number]) * CHUNK_BYTES for number in (1, 2, 3))
WHOLE = sealed(CONTENT)
HEADER = WHOLE[:HEADER_BYTES]
ATTACKS = {
    "nothing": b"",
    "no seal": b"\xff\xd8\xff a picture in the clear" * 100,
    "half a header": HEADER[:20],
    "a header alone": HEADER,
    "cut at a chunk's end": WHOLE[:-SEALED_CHUNK_BYTES],
    "cut in a chunk": WHOLE[:-1],
    "longer": WHOLE + b"x",
    "a chunk twice": WHOLE + chunk(WHOLE, 2),
    "chunks swapped": HEADER + chunk(WHOLE, 1) + chunk(WHOLE, 0) + chunk(WHOLE, 2),
    "the first chunk left out": HEADER + chunk(WHOLE, 1) + chunk(WHOLE, 2),
    "a chunk of another object": HEADER
    + chunk(sealed(bytes(3 * CHUNK_BYTES)), 0)
    + WHOLE[-2 * SEALED_CHUNK_BYTES :],
    "another object's file": sealed(b"x", "requests/0193/output/1-abc.jpg"),
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_file_that_was_changed_is_never_given_out(attack: str) -> None:
    """R20"""
    store = SealedStore(FakeStore({KEY: ATTACKS[attack]}), RING)
    with pytest.raises(Tampered):
        await store.get(KEY)
    with pytest.raises(Tampered):
        await all_of(store.stream(KEY))


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("start", [0, CHUNK_BYTES, 2 * CHUNK_BYTES])
async def test_a_part_of_a_changed_file_is_what_was_sealed_or_nothing(attack: str, start: int) -> None:
    """R20: one byte of each chunk; each chunk of the original has other content."""
    store = SealedStore(FakeStore({KEY: ATTACKS[attack]}), RING)
    with suppress(Tampered):
        assert await all_of(store.stream(KEY, start + 9, start + 10)) in (
            b"",
            CONTENT[start + 9 : start + 10],
        )


async def test_a_large_object_is_sealed_beside_the_event_loop_and_comes_back() -> None:
    inner = FakeStore()
    store = SealedStore(inner, RING)
    data = random.randbytes(5_000_000)
    await store.put(KEY, data)
    assert await store.get(KEY) == await all_of(store.stream(KEY)) == data
    assert await store.size(KEY) == len(data) < len(inner.objects[KEY])


async def test_keys_rotate_the_first_seals_and_all_open() -> None:
    """R20"""
    inner = FakeStore()
    await SealedStore(inner, Keyring((OLD,))).put(KEY, b"old")
    rotated = SealedStore(inner, Keyring((NEW, OLD)))
    assert await rotated.get(KEY) == b"old"
    await rotated.put(KEY, b"new")
    assert await SealedStore(inner, Keyring((NEW,))).get(KEY) == b"new"


async def test_a_key_that_we_were_not_given_is_waited_for_and_loses_nothing() -> None:
    inner = FakeStore()
    await SealedStore(inner, Keyring((OLD,))).put(KEY, b"old")
    with pytest.raises(Away, match="no key"):
        await SealedStore(inner, Keyring((NEW,))).get(KEY)


async def test_put_new_is_decided_by_the_store_beneath() -> None:
    store = SealedStore(FakeStore(), RING)
    wrote = await asyncio.gather(*(store.put_new(KEY, bytes([number])) for number in range(9)))
    assert wrote.count(True) == 1
    assert await store.get(KEY) == bytes([wrote.index(True)])


@pytest.mark.parametrize("text", ["short", "!" * 44, base64.b64encode(bytes(31)).decode(), ""])
def test_a_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        Keyring.read([SecretStr(text)])


def test_a_keyring_does_not_show_its_keys() -> None:
    assert OLD.hex() not in repr(RING)
    assert repr(OLD) not in repr(RING)
