"""What every upload path does with one call: who is it, read the form, judge it, accept it."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import BinaryIO, TypeVar, TypeVarTuple

from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from services.ingest.acceptance.acceptor import Acceptor, Upload, outcome_unknown
from services.ingest.acceptance.ledger import Entry, require_key
from services.ingest.admission.lanes import Lanes
from services.ingest.admission.places import Places
from services.ingest.admission.queue import Queue
from services.ingest.api import answers
from services.ingest.api.accept_header import prefers_csv
from services.ingest.csv_file.marked import mark_rows
from services.ingest.csv_file.reader import Reading, read_upload
from services.ingest.csv_file.verdicts import CsvLimits, TooLarge, Unreadable
from services.ingest.form.options import OnInvalid, Options, read_options
from services.ingest.form.parts import Form
from services.ingest.form.reader import FormLimits, read_form
from services.ingest.form.refusals import encoded_form, invalid_form, no_room, too_large
from shared.contract import trace_context
from shared.observing.logs import Action, log
from shared.outcomes import Away
from shared.settings import Networks
from shared.store import Refused
from shared.web.problems import Problem
from shared.web.rate_limiting import RateLimiter, open_rate_limiter

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, slots=True)
class Call:
    """One upload or dry run, and whose it is."""

    request: Request
    tenant: str

    @property
    def wants_csv(self) -> bool:
        return prefers_csv(self.request.headers.get("accept", ""))


@dataclass(slots=True)
class Receiver:
    acceptor: Acceptor
    allow: Networks
    form_limits: FormLimits
    csv_limits: CsvLimits
    places: Places
    queue: Queue
    limiter: RateLimiter = field(default_factory=open_rate_limiter)
    lanes: Lanes = field(default_factory=Lanes)

    async def upload(self, request: Request, tenant: str) -> Entry:
        """Accepts the CSV in the request's form, or raises the problem to answer with."""
        call = Call(request, tenant)
        key = require_key(request.headers.getlist("idempotency-key"))
        self.queue.require_room()
        async with self._form(call) as (form, options):
            try:
                entry = await self._accept(call, form, options, key)
            except Away as error:
                raise outcome_unknown(error.dependency) from error
            except Refused as error:
                log.error(Action.DEPENDENCY_AWAY, dependency="store", reason=str(error))
                raise outcome_unknown("store") from error
        self.queue.count_accepted()
        event = entry.accepted()
        log.info(
            Action.REQUEST_ACCEPTED,
            request_id=str(event.request_id),
            tenant=tenant,
            products=event.products,
            images=event.images,
            source_bytes=event.source_bytes,
        )
        return entry

    async def validate(self, request: Request, tenant: str) -> Response:
        """The dry run: what an upload of this form would find, and the rows it would skip."""
        call = Call(request, tenant)
        async with self._form(call) as (form, options):
            reading = await self._read(call, form, options)
            reading.rows.close()
            if reading.errors and call.wants_csv:
                return answers.marked(await self._marked(call, form), form.filename, 200)
            return answers.valid(reading, form.unknown_fields)

    async def _accept(self, call: Call, form: Form, options: Options, key: str | None) -> Entry:
        if key is not None:
            fingerprint = options.fingerprint(form.file_sha256)
            entry = await self.acceptor.find(call.tenant, key, fingerprint)
            if entry is not None:
                await self.acceptor.announce(entry)
                return entry
        reading = await self._read(call, form, options)
        with closing(reading.rows):
            upload = Upload(form, options, reading, _traceparent(call.request))
            return await self.acceptor.accept(upload, call.tenant, key)

    async def _read(self, call: Call, form: Form, options: Options) -> Reading:
        try:
            reading = await self._in_lane(call, form, read_upload, form.file, self.csv_limits, self.allow)
        except Unreadable as verdict:
            raise answers.unreadable(verdict, form.filename, as_csv=call.wants_csv) from verdict
        except TooLarge as verdict:
            raise answers.beyond_limit(verdict) from verdict
        try:
            self.limiter.take(call.request, call.tenant, rows=reading.products + reading.bad_rows)
            if reading.errors and (options.on_invalid is OnInvalid.REJECT or not reading.products):
                raise await self._refusal(call, form, reading)
        except Problem:
            reading.rows.close()
            raise
        return reading

    async def _refusal(self, call: Call, form: Form, reading: Reading) -> Problem:
        if call.wants_csv:
            return answers.MarkedCsv(await self._marked(call, form), form.filename)
        return answers.invalid_rows(reading)

    async def _marked(self, call: Call, form: Form) -> BinaryIO:
        return await self._in_lane(call, form, mark_rows, form.file, self.csv_limits)

    async def _in_lane(self, call: Call, form: Form, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        try:
            return await self.lanes.run(call.tenant, form.file_bytes, work, *arguments)
        except OSError as error:
            raise no_room(error) from error

    @asynccontextmanager
    async def _form(self, call: Call) -> AsyncIterator[tuple[Form, Options]]:
        declared = self._require_declared_size(call.request)
        with self.places.one_for(call.tenant):
            self.limiter.take(call.request, call.tenant, bytes=declared or 0)
            form = await self._read_form(call.request)
            with closing(form.file):
                if declared is None:
                    self.limiter.take(call.request, call.tenant, bytes=form.file_bytes)
                yield form, read_options(form.fields, self.allow)

    async def _read_form(self, request: Request) -> Form:
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise encoded_form()
        try:
            return await read_form(
                request.headers.get("content-type", ""), request.stream(), self.form_limits
            )
        except ClientDisconnect as error:
            raise invalid_form("The upload breaks off before its end.") from error

    def _require_declared_size(self, request: Request) -> int | None:
        """The body's length as announced; None for one that comes in chunks."""
        declared = request.headers.get("content-length", "")
        if not (declared.isascii() and declared.isdigit()):
            return None
        if int(declared) > self.form_limits.body_bytes:
            raise too_large("file size", self.form_limits.file_bytes, "bytes")
        return int(declared)


def _traceparent(request: Request) -> str:
    given = request.headers.getlist(trace_context.HEADER)
    return trace_context.taken_or_made(given, secrets.randbits(trace_context.RANDOM_BITS))
