"""Who has a share of the backlog is refused for as long as the status service says so."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from structlog.testing import CapturingLogger

from services.ingest.admission import tenant_shares
from services.ingest.admission.tenant_shares import TenantShares
from shared import full_tenants
from shared.contract.keys import FULL_TENANTS_KEY
from shared.observing import contact
from shared.observing.logs import Action
from shared.store import Refused, Tampered
from shared.testing.fakes import FakeStore
from shared.web.problems import Problem
from tests.worlds.patience import until


def is_let_in(shares: TenantShares, tenant: str) -> bool:
    try:
        shares.require_share(tenant)
    except Problem:
        return False
    return True


def refusing(answer: Refused) -> Callable[[str], Awaitable[bytes]]:
    async def get(_: str) -> bytes:
        raise answer

    return get


async def test_nobody_is_refused_for_what_cannot_be_read() -> None:
    store = FakeStore()
    shares = TenantShares(store)
    for said in (None, b"not json", b'{"tenants": "a"}'):
        store.objects |= {} if said is None else {FULL_TENANTS_KEY: said}
        await shares.look()
        assert is_let_in(shares, "a")


async def test_a_file_whose_seal_is_broken_refuses_nobody_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = FakeStore()
    monkeypatch.setattr(store, "get", refusing(Tampered("cut")))
    shares = TenantShares(store)
    await shares.look()
    assert is_let_in(shares, "a")


async def test_what_cannot_be_read_is_told_once_and_once_when_it_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R21: without the right to read it, or with garbage in it, all were let in, and nothing said so."""
    said = CapturingLogger()
    monkeypatch.setattr(contact, "log", said)
    store = FakeStore()
    shares, get = TenantShares(store), store.get
    monkeypatch.setattr(store, "get", refusing(Refused("403: AccessDenied")))
    await shares.look()
    monkeypatch.setattr(store, "get", get)
    store.objects[FULL_TENANTS_KEY] = b"garbage"
    await shares.look()
    store.away = True
    await shares.look()
    await shares.look()
    store.away = False
    store.objects[FULL_TENANTS_KEY] = b'{"tenants": ["a"]}'
    await shares.look()
    assert not is_let_in(shares, "a")
    refused = {"work": "shares", "dependency": "store", "answer": "refused", "reason": "403: AccessDenied"}
    away = {"work": "shares", "dependency": "store", "reason": "the fake is away"}
    assert [(call.args, call.kwargs) for call in said.calls] == [
        ((Action.DEPENDENCY_AWAY,), refused),
        ((Action.DEPENDENCY_AWAY,), away),
        ((Action.DEPENDENCY_BACK,), {"work": "shares"}),
    ]


async def test_that_nobody_has_said_it_is_no_news(monkeypatch: pytest.MonkeyPatch) -> None:
    said = CapturingLogger()
    monkeypatch.setattr(contact, "log", said)
    await TenantShares(FakeStore()).look()
    assert said.calls == []


async def test_of_a_file_that_is_too_large_no_more_is_read_than_shows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All of it was held in memory, every two seconds."""
    read = 0

    async def stream(_: str) -> AsyncIterator[bytes]:
        nonlocal read
        while read < 100:
            read += 1
            yield b" " * 64

    monkeypatch.setattr(full_tenants, "MOST_BYTES", 1_000)
    store = FakeStore()
    monkeypatch.setattr(store, "stream", stream)
    await TenantShares(store).look()
    assert read == 1_000 // 64 + 1


async def test_it_looks_until_it_is_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant_shares, "LOOK_EVERY_SECONDS", 0.01)
    store, stopping = FakeStore(), asyncio.Event()
    shares = TenantShares(store)
    watching = asyncio.create_task(shares.watch(stopping))
    store.objects[FULL_TENANTS_KEY] = b'{"tenants": ["a"]}'
    await until(lambda: not is_let_in(shares, "a"))
    assert is_let_in(shares, "b")
    store.away = True
    await until(lambda: is_let_in(shares, "a"))
    stopping.set()
    await watching
