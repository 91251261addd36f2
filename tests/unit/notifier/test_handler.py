"""One delivery through the handler, with fakes for the network: each ends in one answer, and none waits."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from standardwebhooks import Webhook
from structlog.testing import CapturingLogger

from services.notifier.deliveries import Attempt, DeliveryEvent
from services.notifier.handler import Dependencies, handle, report_dead
from services.notifier.poster import Post
from services.notifier.receivers import PLACE_BYTES, Limits, Receivers
from services.notifier.verdict import answered
from shared.consuming.handling import Incoming
from shared.contract.events import (
    TARGET_HEADER,
    TENANT_HEADER,
    DeliveryOutcome,
    RequestCompleted,
    WebhookAttempted,
    WebhookRetry,
)
from shared.contract.targets import TargetKeyring
from shared.contract.webhook_secret import signing_secret
from shared.outcomes import Invalid
from shared.testing.fakes import incoming

NOW = datetime(2026, 11, 21, tzinfo=UTC)
REQUEST = UUID("01930000-0000-7000-8000-000000000001")
KEYRING = TargetKeyring([SecretStr(Fernet.generate_key().decode())])
MASTERS = (SecretStr("CANARY-MASTER-NEW"), SecretStr("CANARY-MASTER-OLD"))
TARGET = "https://user:CANARY-PASSWORD@shop.example/hook?token=CANARY-TOKEN"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
DELIVERED = answered(204, None, NOW)


@dataclass
class FakePoster:
    """Answers every post alike and keeps it."""

    answer: Callable[[], Attempt] = lambda: DELIVERED
    posts: list[Post] = field(default_factory=list)

    async def post(self, post: Post) -> Attempt:
        self.posts.append(post)
        return self.answer()


def dependencies(
    poster: Any = None,
    limits: Limits | None = None,
    now: Callable[[], datetime] = lambda: NOW,
) -> Dependencies:
    return Dependencies(
        targets=KEYRING,
        master_keys=MASTERS,
        poster=poster or FakePoster(),
        receivers=Receivers(lambda: 0.0, limits or Limits()),
        allowed=(ip_network("127.0.0.0/8"),),
        now=now,
    )


def completed(
    headers: dict[str, str] | None = None, time: datetime = NOW, target: str | None = TARGET
) -> Incoming[RequestCompleted]:
    event = RequestCompleted.model_validate(
        {
            "timestamp": NOW,
            "request_id": REQUEST,
            "requestId": str(REQUEST),
            "run": 1,
            "status": "completed",
            "message": "Grüße",
            "output_csv_url": None,
            "data": {},
        }
    )
    sealed = {TARGET_HEADER: KEYRING.seal(target)} if target is not None else {}
    return incoming(event, {TENANT_HEADER: "acme", "traceparent": TRACE, **sealed, **(headers or {})}, time)


def retry(body: str, attempt: int = 3, time: datetime = NOW) -> Incoming[WebhookRetry]:
    event = WebhookRetry(
        request_id=REQUEST, tenant="acme", webhook_id=uuid4(), attempt=attempt, body=body, due_at=NOW
    )
    return incoming(event, {TARGET_HEADER: KEYRING.seal(TARGET), TENANT_HEADER: "acme"}, time)


async def answer(message: Incoming[DeliveryEvent], needs: Dependencies | None = None) -> WebhookAttempted:
    (outgoing,) = await handle(message, needs or dependencies())
    assert isinstance(outgoing.event, WebhookAttempted)
    assert "CANARY" not in outgoing.value.decode()
    assert not any("CANARY" in value for value in outgoing.headers.values())
    return outgoing.event


async def test_of_a_completion_only_its_bytes_are_held_while_they_are_posted() -> None:
    """R29"""
    message, held = completed(), list[int]()
    message.event.data["products"] = [1, 2]

    def answered() -> Attempt:
        held.append(len(message.event.data))
        return Attempt(outcome=DeliveryOutcome.DELIVERED)

    await handle(message, dependencies(FakePoster(answered)))
    assert held == [0]


async def test_a_completion_is_posted_byte_for_byte_and_signed_with_every_master_key() -> None:
    """R16, R20."""
    poster = FakePoster()
    now = datetime.now(UTC)  # the public library verifies by the real clock
    message = completed(time=now)
    event = await answer(message, dependencies(poster, now=lambda: now))
    (post,) = poster.posts
    assert post.body is message.value
    assert post.headers["webhook-id"] == str(message.id) == str(event.webhook_id)
    assert post.headers["Content-Type"] == "application/json"
    assert post.headers["traceparent"] == TRACE
    for master in MASTERS:
        Webhook(signing_secret(master, "acme")).verify(post.body, dict(post.headers))
    assert (event.outcome, event.attempt, event.status_code) == (DeliveryOutcome.DELIVERED, 1, 204)


async def test_a_retry_posts_the_same_bytes_under_the_same_id_with_its_own_attempt() -> None:
    """R17."""
    poster = FakePoster()
    first = completed()
    event = RequestCompleted.parse(first.value)
    again = incoming(
        WebhookRetry(
            request_id=REQUEST,
            tenant="acme",
            webhook_id=event.event_id(),
            attempt=4,
            body=first.value.decode(),
            due_at=NOW,
        ),
        {TARGET_HEADER: KEYRING.seal(TARGET)},
        NOW - timedelta(minutes=59),
    )
    await answer(first, dependencies(poster))
    attempted = await answer(again, dependencies(poster))
    one, two = poster.posts
    assert one.body == two.body
    assert one.headers["webhook-id"] == two.headers["webhook-id"]
    assert attempted.attempt == 4


async def test_a_request_without_a_webhook_is_no_delivery() -> None:
    assert await handle(completed(target=None), dependencies()) == ()
    assert await report_dead(completed(target=None), dependencies()) == ()


async def test_a_completion_older_than_an_hour_is_deferred_without_a_post() -> None:
    """R17: a replay of the topic repeats nothing by itself."""
    poster = FakePoster()
    event = await answer(completed(time=NOW - timedelta(minutes=61)), dependencies(poster))
    assert (event.outcome, event.too_old) == (DeliveryOutcome.DEFERRED, True)
    assert event.retry_after_seconds is not None
    assert event.error is not None
    assert event.error.startswith("too_old: ")
    assert poster.posts == []
    await answer(completed(time=NOW - timedelta(minutes=59)), dependencies(poster))
    assert len(poster.posts) == 1


@pytest.mark.parametrize("at_any_age", [True, False])
async def test_an_old_retry_is_posted_where_status_knows_that_it_is_due(*, at_any_age: bool) -> None:
    """R17: else a delivery that waited in its topic for an hour would be deferred for ever."""
    poster = FakePoster()
    asked = retry("{}", time=NOW - timedelta(days=2))
    asked = replace(asked, event=asked.event.model_copy(update={"at_any_age": at_any_age}))
    event = await answer(asked, dependencies(poster))
    assert event.outcome is (DeliveryOutcome.DELIVERED if at_any_age else DeliveryOutcome.DEFERRED)
    assert len(poster.posts) == at_any_age


@pytest.mark.parametrize(
    ("sealed", "error"),
    [
        (KEYRING.seal("https://[CANARY"), "malformed_url"),
        (KEYRING.seal("http://user:CANARY@93.184.216.34/"), "https_required"),
        (KEYRING.seal("https://10.0.0.1/?CANARY"), "blocked_address"),
    ],
    ids=["no URL", "http", "private"],
)
async def test_a_target_that_is_no_url_or_must_not_be_called_is_undeliverable(
    sealed: str, error: str
) -> None:
    """R20."""
    event = await answer(completed({TARGET_HEADER: sealed}))
    assert event.outcome is DeliveryOutcome.UNDELIVERABLE
    assert event.error is not None
    assert event.error.startswith(error)


@pytest.mark.parametrize(
    "sealed",
    [TargetKeyring([SecretStr(Fernet.generate_key().decode())]).seal(TARGET), "CANARY no token"],
    ids=["another key", "no token"],
)
async def test_a_target_that_no_key_opens_is_tried_again_since_the_key_may_come(sealed: str) -> None:
    """R17: in a change of keys, ingest may have the new one before the notifier."""
    poster = FakePoster()
    event = await answer(completed({TARGET_HEADER: sealed}), dependencies(poster))
    assert event.outcome is DeliveryOutcome.FAILED
    assert event.error == "target_unreadable: no key opens the webhook target"
    assert poster.posts == []


async def test_a_busy_receiver_is_deferred_at_once_and_another_one_is_not() -> None:
    """R17."""
    hangs = asyncio.Event()

    class HangingPoster:
        async def post(self, post: Post) -> Attempt:
            if "shop" in post.target.host:
                await hangs.wait()
            return DELIVERED

    needs = dependencies(HangingPoster(), Limits(unproven=1))
    hanging = asyncio.create_task(answer(completed(), needs))
    await asyncio.sleep(0)
    deferred = await answer(retry("{}"), needs)
    assert (deferred.outcome, deferred.error) == (DeliveryOutcome.DEFERRED, "receiver_busy")
    assert deferred.retry_after_seconds == 1.0
    assert (await answer(completed(target="https://other.example/"), needs)).outcome == "delivered"
    hangs.set()
    assert (await hanging).outcome is DeliveryOutcome.DELIVERED


async def test_deliveries_with_large_bodies_leave_places_to_other_tenants() -> None:
    """R29: each of them holds its body in memory while its receiver hangs."""

    class HangingPoster(FakePoster):
        async def post(self, post: Post) -> Attempt:
            if post.body != b"{}":
                await asyncio.Event().wait()
            return DELIVERED

    needs = dependencies(HangingPoster(), Limits(tenant=6))
    hanging = [asyncio.create_task(answer(retry("x" * 2 * PLACE_BYTES), needs)) for _ in range(2)]
    await asyncio.sleep(0)
    deferred = await answer(retry("{}"), needs)
    for task in hanging:
        task.cancel()
    await asyncio.wait(hanging)
    assert (deferred.outcome, deferred.error) == (DeliveryOutcome.DEFERRED, "tenant_busy")


async def test_a_cancelled_post_gives_its_place_back() -> None:
    class HangingPoster:
        async def post(self, post: Post) -> Attempt:
            await asyncio.Event().wait()
            raise AssertionError

    needs = dependencies(HangingPoster(), Limits(unproven=1))
    for _ in range(3):
        task = asyncio.create_task(handle(completed(), needs))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_what_went_wrong_is_told_in_full() -> None:
    """R17."""
    failed = Attempt(
        outcome=DeliveryOutcome.FAILED,
        error="http_503: busy",
        status_code=503,
        duration_ms=12.5,
        response_excerpt="try later",
        retry_after_seconds=30.0,
    )
    event = await answer(retry("{}", attempt=2), dependencies(FakePoster(lambda: failed)))
    assert event.model_dump(exclude={"request_id", "webhook_id", "attempted_at"}) == {
        "attempt": 2,
        "outcome": DeliveryOutcome.FAILED,
        "duration_ms": 12.5,
        "status_code": 503,
        "error": "http_503: busy",
        "response_excerpt": "try later",
        "retry_after_seconds": 30.0,
        "too_old": False,
    }
    assert event.attempted_at == NOW


@pytest.mark.parametrize("header", [TENANT_HEADER, TARGET_HEADER])
async def test_a_message_without_what_it_needs_is_invalid(header: str) -> None:
    with pytest.raises(Invalid):
        await handle(completed({header: ""}), dependencies())


@pytest.mark.parametrize(
    "traceparent",
    ["", "nonsense", TRACE + "\r\nevil: 1", TRACE.upper(), "00-" + "g" * 32 + "-" + "0" * 16 + "-01"],
)
async def test_a_traceparent_that_is_none_is_not_passed_on(traceparent: str) -> None:
    poster = FakePoster()
    (outgoing,) = await handle(completed({"traceparent": traceparent}), dependencies(poster))
    assert "traceparent" not in poster.posts[0].headers
    assert "traceparent" not in outgoing.headers


async def test_a_dead_message_ends_its_delivery() -> None:
    """R17: no delivery waits for ever."""
    for message, attempt in ((completed(), 1), (retry("{}", attempt=5), 5)):
        (outgoing,) = await report_dead(message, dependencies())
        assert isinstance(outgoing.event, WebhookAttempted)
        assert (outgoing.event.outcome, outgoing.event.attempt) == (DeliveryOutcome.UNDELIVERABLE, attempt)
        assert outgoing.event.error is not None
        assert outgoing.event.error.startswith("internal: ")


async def test_logs_name_the_delivery_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """R20, R21."""
    log = CapturingLogger()
    monkeypatch.setattr("services.notifier.handler.log", log)
    message = completed()
    await answer(message)
    (line,) = log.calls
    assert line.args == ("delivery_attempted",)
    assert line.kwargs["request_id"] == str(REQUEST)
    assert line.kwargs["webhook_id"] == str(message.id)
    assert (line.kwargs["attempt"], line.kwargs["outcome"], line.kwargs["status_code"]) == (
        1,
        DeliveryOutcome.DELIVERED,
        204,
    )
    assert "CANARY" not in json.dumps(line.kwargs)
