"""What every upload path does with one call: who is it, read the form, judge it, accept it."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field

from fastapi import Request
from starlette.requests import ClientDisconnect

from services.ingest import answers
from services.ingest.accept import Acceptor, Upload
from services.ingest.csv_verdicts import CsvLimits, TooLarge, Unreadable
from services.ingest.form_reader import Form, FormLimits, read_form
from services.ingest.intake import Reading, read_upload
from services.ingest.ledger import Entry, require_key
from services.ingest.options import OnInvalid, Options, read_options
from services.ingest.refusals import invalid_form, no_room, too_large
from services.ingest.spool import SPOOL_BYTES
from shared import trace_context
from shared.handling import Away
from shared.problems import AWAY_RETRY_SECONDS, Problem, unavailable
from shared.settings import Networks
from shared.store import Refused
from shared.telemetry import Action, get_log

BUSY_RETRY_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Lanes:
    """Threads that read CSVs: a small file never waits behind a large one."""

    small: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "csv-small"))
    large: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "csv-large"))

    def of(self, form: Form) -> ThreadPoolExecutor:
        return self.small if form.file_bytes < SPOOL_BYTES else self.large


@dataclass(slots=True)
class Receiver:
    acceptor: Acceptor
    allow: Networks
    form_limits: FormLimits
    csv_limits: CsvLimits
    max_uploads: int
    lanes: Lanes = field(default_factory=Lanes)
    _under_way: int = 0

    async def upload(self, request: Request, tenant: str) -> Entry:
        """Accepts the CSV in the request's form, or raises the problem to answer with."""
        key = require_key(request.headers.get("idempotency-key"))
        async with self._form(request) as (form, options):
            try:
                entry = await self._accept(form, options, tenant, key, _traceparent(request))
            except Away as error:
                raise _unknown(error.dependency) from error
            except Refused as error:
                get_log().error(Action.DEPENDENCY_AWAY, dependency="store", reason=str(error))
                raise _unknown("store") from error
        event = entry.accepted()
        get_log().info(
            Action.REQUEST_ACCEPTED,
            request_id=str(event.request_id),
            tenant=tenant,
            products=event.products,
            images=event.images,
            source_bytes=event.source_bytes,
        )
        return entry

    async def validate(self, request: Request) -> tuple[Reading, int]:
        """The dry run: what an upload of this form would find, and the rows it would skip."""
        async with self._form(request) as (form, options):
            reading = await self._read(form, options)
            reading.rows.close()
            return reading, reading.bad_rows

    async def _accept(
        self, form: Form, options: Options, tenant: str, key: str | None, traceparent: str
    ) -> Entry:
        if key is not None:
            fingerprint = options.fingerprint(form.file_sha256)
            entry = await self.acceptor.find(tenant, key, fingerprint)
            if entry is not None:
                await self.acceptor.announce(entry)
                return entry
        reading = await self._read(form, options)
        with closing(reading.rows):
            return await self.acceptor.accept(Upload(form, options, reading, traceparent), tenant, key)

    async def _read(self, form: Form, options: Options) -> Reading:
        loop = asyncio.get_running_loop()
        try:
            reading = await loop.run_in_executor(self.lanes.of(form), read_upload, form.file, self.csv_limits)
        except Unreadable as verdict:
            raise answers.unreadable(verdict) from verdict
        except TooLarge as verdict:
            raise answers.beyond_limit(verdict) from verdict
        except OSError as error:
            raise no_room(error) from error
        if reading.errors and (options.on_invalid is OnInvalid.REJECT or not reading.products):
            reading.rows.close()
            raise answers.invalid_rows(reading)
        return reading

    @asynccontextmanager
    async def _form(self, request: Request) -> AsyncIterator[tuple[Form, Options]]:
        self._require_declared_size(request)
        if self._under_way >= self.max_uploads:
            raise unavailable("Too many uploads are under way.", BUSY_RETRY_SECONDS, "busy")
        self._under_way += 1
        try:
            form = await self._read_form(request)
            with closing(form.file):
                yield form, read_options(form.fields, self.allow)
        finally:
            self._under_way -= 1

    async def _read_form(self, request: Request) -> Form:
        try:
            return await read_form(
                request.headers.get("content-type", ""), request.stream(), self.form_limits
            )
        except ClientDisconnect as error:
            raise invalid_form("The upload breaks off before its end.") from error

    def _require_declared_size(self, request: Request) -> None:
        declared = request.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared) > self.form_limits.body_bytes:
            raise too_large("file size", self.form_limits.file_bytes, "bytes")


def _traceparent(request: Request) -> str:
    given = request.headers.getlist(trace_context.HEADER)
    return trace_context.taken_or_made(given, secrets.randbits(trace_context.RANDOM_BITS))


def _unknown(dependency: str) -> Problem:
    """Whether the request will run is not known; with a key a repeat is safe."""
    error = f"The {dependency} is not reachable; repeat the upload with the same Idempotency-Key."
    return unavailable(error, AWAY_RETRY_SECONDS)
