"""What every upload path does with one call: read the form, judge its CSV, accept it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from fastapi import Request, Response

from services.ingest.acceptance.accepted_upload import AcceptedUpload
from services.ingest.acceptance.acceptor import Acceptor, outcome_unknown
from services.ingest.acceptance.upload import Upload
from services.ingest.admission.queue import RequestQueue
from services.ingest.admission.tenant_shares import TenantShares
from services.ingest.api import answers
from services.ingest.api.csv_refusals import MarkedAnswer
from services.ingest.api.upload_call import UploadCall
from services.ingest.api.upload_forms import UploadForms
from services.ingest.api.uploaded_csvs import UploadedCsvs
from services.ingest.form.form import Form
from services.ingest.form.options import Options
from services.ingest.form.refusals import too_large
from shared.consuming.broker import TooLarge
from shared.kafka.producer import MAX_MESSAGE_BYTES
from shared.observing.contact import Contact
from shared.observing.logs import Action, log
from shared.outcomes import Away
from shared.store import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    queue: RequestQueue
    shares: TenantShares
    forms: UploadForms
    csvs: UploadedCsvs
    acceptor: Acceptor
    contact: Contact = field(default_factory=lambda: Contact(work="uploads"))

    async def accept(self, request: Request, tenant: str) -> AcceptedUpload:
        """Accepts the CSV in the request's form, or raises the problem to answer with."""
        call = UploadCall(request, tenant)
        key = call.require_idempotency_key()
        self.queue.require_room()
        self.shares.require_share(tenant)
        async with self.forms.open(call) as (form, options):
            with _outcome_unknown_if_away(self.contact):
                accepted = await self._accept(call, form, options, key)
        self.contact.found()
        self.queue.count_accepted()
        _log_accepted(accepted)
        return accepted

    async def validate(self, request: Request, tenant: str) -> Response:
        """The dry run: what an upload of this form would find, and the rows it would skip."""
        call = UploadCall(request, tenant)
        async with self.forms.open(call) as (form, options):
            read = await self.csvs.with_csv(call, form, options)
            csv = await self.csvs.judge(call, read, options)
            csv.rows.close()
            if csv.errors and call.wants_csv:
                marked = await self.csvs.marked(call, read, options)
                return MarkedAnswer(marked, form.filename, 200, call.held.pop_all())
            return answers.judged(csv, options, form.unknown_fields)

    async def _accept(
        self, call: UploadCall, form: Form, options: Options, key: str | None
    ) -> AcceptedUpload:
        if key is not None:
            fingerprint = options.fingerprint(form.file_sha256)
            accepted = await self.acceptor.find(call.tenant, key, fingerprint)
            if accepted is not None:
                await self.acceptor.announce(accepted)
                return accepted
        csv = await self.csvs.judge(call, await self.csvs.with_csv(call, form, options), options)
        with closing(csv.rows):
            upload = Upload(form, options, csv, call.take_or_make_traceparent())
            return await self.acceptor.accept(upload, call.tenant, key)


@contextmanager
def _outcome_unknown_if_away(contact: Contact) -> Iterator[None]:
    try:
        yield
    except Away as error:  # of a bucket that is full no other line tells, nor does readiness
        contact.away(error)
        raise outcome_unknown(error) from error
    except TooLarge as error:
        raise too_large("header and options", MAX_MESSAGE_BYTES, "bytes") from error
    except Refused as error:
        log.error(Action.DEPENDENCY_AWAY, dependency="store", reason=str(error))
        raise outcome_unknown(Away("store", error)) from error


def _log_accepted(accepted: AcceptedUpload) -> None:
    event = accepted.event
    log.info(
        Action.REQUEST_ACCEPTED,
        request_id=str(event.request_id),
        tenant=event.tenant,
        products=event.products,
        images=event.images,
        source_bytes=event.source_bytes,
    )
