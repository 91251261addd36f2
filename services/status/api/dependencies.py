"""What the endpoints work with, and how they get it from the app that serves them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

import asyncpg
from fastapi import Depends, Request

from services.status.api.answers.answer_cache import AnswerCache
from services.status.reading.lookup import Lookup
from services.status.reading.presenter import Presenter
from services.status.reading.reader import Reader
from services.status.reading.watchers import Watchers
from shared.store import Store
from shared.web.api_keys import Scope
from shared.web.auth import Authenticator
from shared.web.readers import Readers

MOST_WHOLE_ANSWERS = 4


def _places_of_whole_answers() -> asyncio.Semaphore:
    return asyncio.Semaphore(MOST_WHOLE_ANSWERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    reader: Reader
    lookup: Lookup
    presenter: Presenter
    watchers: Watchers
    store: Store
    authenticator: Authenticator
    pool: asyncpg.Pool  # for what is changed on a caller's behalf
    changed: Callable[[], None]  # something was changed: whoever works on requests may have to
    run_deadline_seconds: float
    readers: Readers = field(default_factory=Readers)
    answer_cache: AnswerCache = field(default_factory=AnswerCache)
    whole_answers: asyncio.Semaphore = field(default_factory=_places_of_whole_answers)
    """Each while it is read and rendered: until then nobody knows what it will hold."""


async def dependencies_of(request: Request) -> Dependencies:
    deps: Dependencies = request.app.state.deps
    return deps


async def _reading_tenant(request: Request) -> str:
    deps = await dependencies_of(request)
    return await deps.authenticator.tenant_with(Scope.READ)(request)


async def _managing_tenant(request: Request) -> str:
    deps = await dependencies_of(request)
    return await deps.authenticator.tenant_with(Scope.MANAGE)(request)


Deps = Annotated[Dependencies, Depends(dependencies_of)]
Tenant = Annotated[str, Depends(_reading_tenant)]
ManagingTenant = Annotated[str, Depends(_managing_tenant)]
