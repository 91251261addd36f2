"""Lets the form of one call in and reads it: within the tenant's places and quota, and within all limits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass

from starlette.requests import ClientDisconnect

from services.ingest.admission.disk import Disk
from services.ingest.api.upload_call import UploadCall
from services.ingest.csv_file.spool import OpenSpool
from services.ingest.form.form import Form
from services.ingest.form.options import Options, read_options
from services.ingest.form.reader import FormLimits, read_form
from services.ingest.form.refusals import encoded_form, invalid_form, too_large
from shared.outbound.addresses import Networks
from shared.web.places import Places
from shared.web.rate_limiting import RateLimiter


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadForms:
    limits: FormLimits
    places: Places
    disk: Disk
    limiter: RateLimiter
    allow: Networks  # besides the public internet, for webhooks

    @asynccontextmanager
    async def open(self, call: UploadCall) -> AsyncIterator[tuple[Form, Options]]:
        """The form and its options; until the block ends its file is open and its place taken. An answer that
        has a file of its own takes over what the call holds.
        """
        body_bytes = self._require_small_body(call)
        with call.held:
            call.held.enter_context(self.places.one_for(call.tenant))
            room = call.held.enter_context(self.disk.room_for(call.tenant, body_bytes))
            self.limiter.take(call.request, call.tenant, bytes=body_bytes or 0)
            form = await self._read(call, room.open)
            with closing(form.file):
                if body_bytes is None:
                    self.limiter.take(call.request, call.tenant, bytes=form.file_bytes)
                yield form, read_options(form.fields, self.allow)

    async def _read(self, call: UploadCall, open_spool: OpenSpool) -> Form:
        if call.is_compressed:
            raise encoded_form()
        content_type = call.request.headers.get("content-type", "")
        try:
            return await read_form(content_type, call.request.stream(), self.limits, open_spool)
        except ClientDisconnect as error:
            raise invalid_form("The upload breaks off before its end.") from error

    def _require_small_body(self, call: UploadCall) -> int | None:
        body_bytes = call.body_bytes
        if body_bytes is not None and body_bytes > self.limits.body_bytes:
            raise too_large("file size", self.limits.file_bytes, "bytes")
        return body_bytes
