"""One image through the handler, with fakes for the internet, the decoders and the store."""

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from services.processor import handler
from services.processor.fetching.outages import Told
from services.processor.gathering import Gathering
from services.processor.handler import HASHED_INLINE_BYTES, REPLAYED, REPLAYED_ATTEMPTS, handle, report_dead
from services.processor.places import Places
from services.processor.ports import Compressing, Dependencies
from services.processor.scouting import SCOUT_SECONDS, Scouting
from services.processor.settings import Settings
from services.processor.verdicts import Compressed, Failure, NotNow, NoVerdict
from shared.consuming.containment import HANDLER_SECONDS
from shared.contract.codes import FailureCode, http_code
from shared.contract.events import ImageDone, ImageFormat, ImageOutcome, ImageRequested, StageTimes
from shared.contract.picture_formats import PictureFormat
from shared.outcomes import Away
from shared.store import Refused
from shared.testing.fakes import FakeStore, incoming

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
REQUEST = UUID(int=1)
JPEG = b"\xff\xd8\xff picture"
SMALL = Compressed(data=b"smaller", format=PictureFormat.JPEG, width=30, height=20)


@dataclass
class Fetched:
    result: bytes | Failure | NotNow = JPEG
    urls: list[str] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    @asynccontextmanager
    async def fetched(self, url: str, told: Told) -> AsyncIterator[bytes | Failure | NotNow]:
        self.urls.append(url)
        self.told.append(told)
        yield self.result


@dataclass
class Decoders:
    result: Compressed | Failure = SMALL
    assignments: list[tuple[int, PictureFormat | None]] = field(default_factory=list)

    async def compress(self, data: bytes, quality: int, wanted: PictureFormat | None) -> Compressed | Failure:
        self.assignments.append((quality, wanted))
        return self.result

    def pixels_of(self, data: bytes, picture_format: PictureFormat) -> int:
        return len(data)

    def seconds_of(self, pixels: int) -> float:
        return 0.1

    @asynccontextmanager
    async def turn(self, pixels: int) -> AsyncIterator[Compressing]:
        yield self


class FullStore(FakeStore):
    async def put(self, key: str, data: bytes) -> None:
        raise Refused("quota")


def requested(**changes: object) -> ImageRequested:
    fields = {
        "request_id": REQUEST,
        "image_id": UUID(int=2),
        "ordinal": 7,
        "run": 2,
        "attempt": 3,
        "url": "https://shop.example/a.jpg",
        "quality": 50,
        "format": ImageFormat.KEEP,
        "take_by": NOW + timedelta(minutes=2),
    }
    return ImageRequested.model_validate(fields | changes)


async def run(event: ImageRequested, dependencies: Dependencies) -> ImageDone:
    (outgoing,) = await handle(incoming(event), dependencies)
    assert isinstance(outgoing.event, ImageDone)
    assert outgoing.time == NOW
    return outgoing.event


def world(
    fetched: bytes | Failure | NotNow = JPEG,
    decoded: Compressed | Failure = SMALL,
    store: FakeStore | None = None,
) -> tuple[Dependencies, FakeStore, Decoders]:
    store = FakeStore() if store is None else store
    decoders = Decoders(decoded)
    dependencies = Dependencies(
        places=Places(4, lambda: None),
        gathering=Gathering(decoders=1),
        scouting=Scouting(store),
        fetcher=Fetched(fetched),
        decoders=decoders,
        store=store,
        now=lambda: NOW,
    )
    return dependencies, store, decoders


async def test_a_good_image_is_kept_twice_and_told() -> None:
    """R07"""
    dependencies, store, decoders = world()
    done = await run(requested(), dependencies)
    assert (done.outcome, done.run, done.attempt, done.ordinal) == (ImageOutcome.DONE, 2, 3, 7)
    assert done.original_key is not None
    assert done.output_key is not None
    assert store.objects == {done.original_key: JPEG, done.output_key: b"smaller"}
    assert done.original_key.startswith(
        f"requests/{REQUEST}/original/7-{hashlib.sha256(JPEG).hexdigest()[:32]}"
    )
    assert done.output_key.endswith(".jpg")
    assert done.sha256 == hashlib.sha256(b"smaller").hexdigest()
    assert (done.bytes_in, done.bytes_out, done.width, done.height) == (len(JPEG), 7, 30, 20)
    assert decoders.assignments == [(50, None)]


async def test_the_wanted_format_and_quality_reach_the_decoder() -> None:
    dependencies, _, decoders = world()
    await run(requested(quality=80, format=ImageFormat.WEBP), dependencies)
    assert decoders.assignments == [(80, PictureFormat.WEBP)]


async def test_its_host_is_told_whether_an_image_has_failed_and_for_how_long_the_host_has_been_away() -> None:
    dependencies, _, _ = world()
    for failures in (0, 1, 2):
        its = {"failures": failures, "host_away_seconds": failures * 10.0, "host_answered_url": str(failures)}
        await run(requested(**its), dependencies)
    assert isinstance(dependencies.fetcher, Fetched)
    assert dependencies.fetcher.told == [Told(True, 0.0, "0"), Told(False, 10.0, "1"), Told(False, 20.0, "2")]


async def test_a_message_of_a_replay_is_stale_and_no_work_is_done() -> None:
    dependencies, store, _ = world()
    done = await run(requested(take_by=NOW - REPLAYED - timedelta(milliseconds=1)), dependencies)
    assert done.outcome is ImageOutcome.STALE
    assert isinstance(dependencies.fetcher, Fetched)
    assert dependencies.fetcher.urls == []
    assert store.objects == {}


async def test_a_clock_that_is_ahead_by_days_costs_attempts_and_no_image() -> None:
    """All were given back for as long as it was wrong, up to the deadline of their requests."""
    dependencies, _, _ = world()
    late = NOW - timedelta(days=32)
    answers = [
        await run(requested(take_by=late, attempt=attempt), dependencies)
        for attempt in range(1, REPLAYED_ATTEMPTS + 2)
    ]
    assert [each.outcome for each in answers] == [ImageOutcome.STALE] * REPLAYED_ATTEMPTS + [
        ImageOutcome.DONE
    ]


@pytest.mark.parametrize("minutes", [-30, 5, 30])
async def test_a_clock_that_is_wrong_by_minutes_costs_no_image(minutes: float) -> None:
    """R29: our clock is never compared with status's clock so closely."""
    dependencies, _, _ = world()
    done = await run(requested(take_by=NOW - timedelta(minutes=minutes)), dependencies)
    assert done.outcome is ImageOutcome.DONE


class BusyDecoders(Decoders):
    @asynccontextmanager
    async def turn(self, pixels: int) -> AsyncIterator[Compressing]:
        raise NoVerdict
        yield self


async def test_an_image_for_which_there_was_no_turn_is_stale_and_comes_again() -> None:
    """R22: our own overload is neither a failure of the image nor a bug."""
    dependencies, _, _ = world()
    done = await run(requested(), replace(dependencies, decoders=BusyDecoders()))
    assert (done.outcome, done.code) == (ImageOutcome.STALE, None)


class StuckDecoders(Decoders):
    async def compress(self, data: bytes, quality: int, wanted: PictureFormat | None) -> Compressed | Failure:
        await asyncio.Event().wait()
        raise AssertionError


class HurriedDecoders(Decoders):
    async def compress(self, data: bytes, quality: int, wanted: PictureFormat | None) -> Compressed | Failure:
        raise TimeoutError


async def test_an_attempt_that_does_not_end_by_itself_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """R29: before the runner would take it for a bug. A time-out that is nobody's is one."""
    monkeypatch.setattr(handler, "ATTEMPT_SECONDS", 0.01)
    dependencies, _, _ = world()
    done = await run(requested(), replace(dependencies, decoders=StuckDecoders()))
    assert (done.outcome, done.code) == (ImageOutcome.STALE, None)
    with pytest.raises(TimeoutError):
        await run(requested(), replace(dependencies, decoders=HurriedDecoders()))


def test_an_attempt_ends_before_the_runner_and_status_give_it_up() -> None:
    assert handler.ATTEMPT_SECONDS < HANDLER_SECONDS


@pytest.mark.parametrize("name", ["fetch_seconds", "decode_seconds"])
def test_a_setting_that_an_attempt_bounds_says_so(name: str) -> None:
    described = Settings.model_fields[name].description
    assert described is not None
    assert f"beyond {handler.ATTEMPT_SECONDS:.0f} s the attempt ends" in described


@dataclass
class SlowDecoders(Decoders):
    """Three seconds until it is free, and a quarter of one for the image; the clock began long before."""

    seconds: float = 1_000

    async def compress(self, data: bytes, quality: int, wanted: PictureFormat | None) -> Compressed | Failure:
        self.seconds += 0.25
        return replace(SMALL, decode_ms=150, encode_ms=90)

    @asynccontextmanager
    async def turn(self, pixels: int) -> AsyncIterator[Compressing]:
        self.seconds += 3
        yield self


async def test_the_wait_for_a_decoder_is_told_apart_from_its_work() -> None:
    """R22: status must not take a queue for slow work."""
    dependencies, _, _ = world()
    slow = SlowDecoders()
    done = await run(requested(), replace(dependencies, decoders=slow, clock=lambda: slow.seconds))
    assert done.times == StageTimes(queue_ms=3000, codec_ms=250, decode_ms=150, encode_ms=90, total_ms=3250)


async def test_a_failed_fetch_is_told_with_its_code_and_retry_after() -> None:
    """R09, R19"""
    dependencies, store, _ = world(Failure(http_code(503), "busy", 12.5))
    done = await run(requested(), dependencies)
    assert (done.outcome, done.code, done.retryable) == (ImageOutcome.FAILED, "http_503", True)
    assert (done.retry_after_seconds, done.detail) == (12.5, "busy")
    assert store.objects == {}


@pytest.mark.parametrize("was_refused", [True, False])
async def test_what_its_host_takes_later_is_no_failure_and_says_when(*, was_refused: bool) -> None:
    """R29"""
    not_now = NotNow(retry_after_seconds=12.5, code=http_code(429), was_refused=was_refused)
    dependencies, store, _ = world(not_now)
    done = await run(requested(), dependencies)
    assert (done.outcome, done.code, done.retryable) == (ImageOutcome.STALE, "http_429", False)
    assert (done.retry_after_seconds, done.refused) == (12.5, was_refused)
    assert store.objects == {}


@pytest.mark.parametrize("body", [b"<html>", b""])
async def test_what_is_no_image_is_told_and_not_kept(body: bytes) -> None:
    dependencies, store, decoders = world(body)
    done = await run(requested(), dependencies)
    assert (done.code, done.retryable) == ("not_an_image", False)
    assert store.objects == {}
    assert decoders.assignments == []


async def test_a_damaged_image_is_told_and_its_original_kept() -> None:
    dependencies, store, _ = world(decoded=Failure(FailureCode.DAMAGED))
    done = await run(requested(), dependencies)
    assert (done.code, done.output_key) == ("damaged", None)
    assert list(store.objects) == [done.original_key]


async def test_an_output_that_looks_different_is_logged_with_its_original_and_nothing_else_is() -> None:
    """By that line whoever runs Pixmill finds the file to report."""
    dependencies, _, _ = world(decoded=Failure(FailureCode.VERIFICATION_FAILED, "far from it"))
    with capture_logs() as lines:
        done = await run(requested(), dependencies)
    (line,) = [line for line in lines if line["event"] == "output_differs"]
    assert (line["log_level"], line["original_key"], line["detail"]) == (
        "error",
        done.original_key,
        "far from it",
    )
    dependencies, _, _ = world(decoded=Failure(FailureCode.DAMAGED))
    with capture_logs() as lines:
        await run(requested(), dependencies)
    assert "output_differs" not in [line["event"] for line in lines]


async def test_a_store_that_refuses_the_file_fails_the_image() -> None:
    dependencies, _, _ = world(store=FullStore())
    done = await run(requested(), dependencies)
    assert (done.code, done.retryable, done.original_key) == ("store_refused", True, None)


async def test_a_store_that_is_away_is_no_result() -> None:
    dependencies, _, _ = world(store=FakeStore(away=True))
    with pytest.raises(Away):
        await handle(incoming(requested()), dependencies)


async def test_while_the_store_is_away_an_image_is_not_fetched_again() -> None:
    """Each image in hand is handled again every few seconds then, which a shop's host shall not feel."""
    dependencies, store, _ = world(store=FakeStore(away=True))
    now = 100.0
    dependencies = replace(dependencies, scouting=Scouting(store, clock=lambda: now))
    fetcher = dependencies.fetcher
    assert isinstance(fetcher, Fetched)
    for _ in range(3):
        with pytest.raises(Away):
            await handle(incoming(requested()), dependencies)
    assert len(fetcher.urls) == 1
    store.away = False
    now += SCOUT_SECONDS
    for _ in range(2):
        await run(requested(), dependencies)
    assert len(fetcher.urls) == 3


async def test_after_a_lost_put_images_that_fail_are_not_held_up() -> None:
    """A store that lost one only, and a list of which the rest is gone: none of them would open the way."""
    dependencies, _, _ = world(Failure(http_code(404), "gone"))
    dependencies.scouting.missed(Away("store", "it did not answer"))
    for _ in range(3):
        done = await run(requested(), dependencies)
        assert done.code == "http_404"


async def test_handling_the_same_message_twice_says_the_same_thing() -> None:
    dependencies, store, _ = world()
    first = await run(requested(), dependencies)
    second = await run(requested(), dependencies)
    assert first.event_id() == second.event_id()
    assert first.output_key == second.output_key
    assert len(store.objects) == 2


async def test_a_dead_letter_ends_its_image_as_internal() -> None:
    dependencies, _, _ = world()
    (outgoing,) = await report_dead(incoming(requested()), dependencies)
    assert isinstance(outgoing.event, ImageDone)
    assert (outgoing.event.outcome, outgoing.event.code) == (ImageOutcome.FAILED, "internal")


@pytest.mark.parametrize(("size", "inline"), [(1024, True), (HASHED_INLINE_BYTES + 1, False)])
async def test_a_large_body_is_not_hashed_while_all_others_wait(
    monkeypatch: pytest.MonkeyPatch, *, size: int, inline: bool
) -> None:
    threads: list[int] = []

    def hashed(data: bytes) -> Any:
        threads.append(threading.get_ident())
        return hashlib.sha256(data)

    monkeypatch.setattr(handler, "hashlib", SimpleNamespace(sha256=hashed))
    dependencies, store, _ = world(JPEG + bytes(size))
    done = await run(requested(), dependencies)
    assert [thread == threading.get_ident() for thread in threads] == [inline, True]
    assert len(store.objects[done.original_key or ""]) == len(JPEG) + size
