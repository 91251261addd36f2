"""What every upload path does with one call: who is it, read the form, judge it, accept it."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import BinaryIO, TypeVar, TypeVarTuple

from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from services.ingest.acceptance.accepted_upload import AcceptedUpload
from services.ingest.acceptance.acceptor import Acceptor, outcome_unknown
from services.ingest.acceptance.upload import Upload
from services.ingest.admission.lanes import Lanes
from services.ingest.admission.places import Places
from services.ingest.admission.queue import RequestQueue
from services.ingest.api import answers
from services.ingest.api.accept_header import prefers_csv
from services.ingest.api.idempotency_key import require_key
from services.ingest.csv_file.marked import mark_rows
from services.ingest.csv_file.reader import JudgedCsv, read_csv
from services.ingest.csv_file.verdicts import CsvLimits, CsvTooLarge, UnreadableCsv
from services.ingest.form.options import OnInvalid, Options, read_options
from services.ingest.form.parts import Form
from services.ingest.form.reader import FormLimits, read_form
from services.ingest.form.refusals import encoded_form, invalid_form, no_room, too_large
from shared.contract import trace_context
from shared.observing.logs import Action, log
from shared.outbound.addresses import Networks
from shared.outcomes import Away
from shared.store import Refused
from shared.web.problems import Problem
from shared.web.rate_limiting import RateLimiter, open_rate_limiter

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, slots=True)
class UploadCall:
    """One upload or dry run, and whose it is."""

    request: Request
    tenant: str

    @property
    def wants_csv(self) -> bool:
        return prefers_csv(self.request.headers.get("accept", ""))


@dataclass(slots=True)
class Uploads:
    acceptor: Acceptor
    allow: Networks
    form_limits: FormLimits
    csv_limits: CsvLimits
    places: Places
    queue: RequestQueue
    limiter: RateLimiter = field(default_factory=open_rate_limiter)
    lanes: Lanes = field(default_factory=Lanes)

    async def accept(self, request: Request, tenant: str) -> AcceptedUpload:
        """Accepts the CSV in the request's form, or raises the problem to answer with."""
        call = UploadCall(request, tenant)
        key = require_key(request.headers.getlist("idempotency-key"))
        self.queue.require_room()
        async with self._form(call) as (form, options):
            try:
                accepted = await self._accept(call, form, options, key)
            except Away as error:
                raise outcome_unknown(error.dependency) from error
            except Refused as error:
                log.error(Action.DEPENDENCY_AWAY, dependency="store", reason=str(error))
                raise outcome_unknown("store") from error
        self.queue.count_accepted()
        event = accepted.event
        log.info(
            Action.REQUEST_ACCEPTED,
            request_id=str(event.request_id),
            tenant=tenant,
            products=event.products,
            images=event.images,
            source_bytes=event.source_bytes,
        )
        return accepted

    async def validate(self, request: Request, tenant: str) -> Response:
        """The dry run: what an upload of this form would find, and the rows it would skip."""
        call = UploadCall(request, tenant)
        async with self._form(call) as (form, options):
            csv = await self._read(call, form, options)
            csv.rows.close()
            if csv.errors and call.wants_csv:
                return answers.marked(await self._marked(call, form), form.filename, 200)
            return answers.valid(csv, form.unknown_fields)

    async def _accept(
        self, call: UploadCall, form: Form, options: Options, key: str | None
    ) -> AcceptedUpload:
        if key is not None:
            fingerprint = options.fingerprint(form.file_sha256)
            accepted = await self.acceptor.find(call.tenant, key, fingerprint)
            if accepted is not None:
                await self.acceptor.announce(accepted)
                return accepted
        csv = await self._read(call, form, options)
        with closing(csv.rows):
            upload = Upload(form, options, csv, _traceparent(call.request))
            return await self.acceptor.accept(upload, call.tenant, key)

    async def _read(self, call: UploadCall, form: Form, options: Options) -> JudgedCsv:
        try:
            csv = await self._in_lane(call, form, read_csv, form.file, self.csv_limits, self.allow)
        except UnreadableCsv as verdict:
            raise answers.unreadable(verdict, form.filename, as_csv=call.wants_csv) from verdict
        except CsvTooLarge as verdict:
            raise answers.beyond_limit(verdict) from verdict
        try:
            self.limiter.take(call.request, call.tenant, rows=csv.products + csv.bad_rows)
            if csv.errors and (options.on_invalid is OnInvalid.REJECT or not csv.products):
                raise await self._refusal(call, form, csv)
        except Problem:
            csv.rows.close()
            raise
        return csv

    async def _refusal(self, call: UploadCall, form: Form, csv: JudgedCsv) -> Problem:
        if call.wants_csv:
            return answers.MarkedCsv(await self._marked(call, form), form.filename)
        return answers.invalid_rows(csv)

    async def _marked(self, call: UploadCall, form: Form) -> BinaryIO:
        return await self._in_lane(call, form, mark_rows, form.file, self.csv_limits)

    async def _in_lane(self, call: UploadCall, form: Form, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        try:
            return await self.lanes.run(call.tenant, form.file_bytes, work, *arguments)
        except OSError as error:
            raise no_room(error) from error

    @asynccontextmanager
    async def _form(self, call: UploadCall) -> AsyncIterator[tuple[Form, Options]]:
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
