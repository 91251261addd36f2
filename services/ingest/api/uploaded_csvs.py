"""Has the CSV of one call judged in a lane of its own, and refuses one that cannot be accepted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO, TypeVar

from services.ingest.admission.lanes import Lanes
from services.ingest.api import csv_refusals
from services.ingest.api.upload_call import UploadCall
from services.ingest.csv_file.limits import CsvLimits, CsvTooLarge
from services.ingest.csv_file.marked import list_errors, mark_rows
from services.ingest.csv_file.reader import JudgedCsv, read_csv
from services.ingest.csv_file.verdicts import UnreadableCsv
from services.ingest.form.form import Form
from services.ingest.form.options import OnInvalid, Options
from services.ingest.form.refusals import no_room
from shared.outbound.addresses import Networks
from shared.web.problems import Problem
from shared.web.rate_limiting import RateLimiter

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedCsvs:
    limits: CsvLimits
    limiter: RateLimiter
    allow: Networks  # besides the public internet, for images
    lanes: Lanes = field(default_factory=Lanes)

    async def judge(self, call: UploadCall, form: Form, options: Options) -> JudgedCsv:
        """A CSV that may be accepted, whose rows the caller closes; or the problem to answer with."""
        csv = await self._read(call, form, options)
        try:
            self.limiter.take(call.request, call.tenant, rows=csv.products + csv.bad_rows)
            if csv.errors and (options.on_invalid is OnInvalid.REJECT or not csv.images):
                raise await self._refusal(call, form, options, csv)
        except Problem:
            csv.rows.close()
            raise
        return csv

    async def marked(self, call: UploadCall, form: Form, options: Options) -> BinaryIO:
        """The caller's own file with what is wrong beside each row."""
        mark = partial(
            mark_rows, form.file, self.limits, form.open_spool, options.columns, codec=options.codec
        )
        return await self._in_lane(call, form, mark)

    async def _read(self, call: UploadCall, form: Form, options: Options) -> JudgedCsv:
        more = (form.open_spool, options.columns)
        read = partial(read_csv, form.file, self.limits, self.allow, *more, codec=options.codec)
        try:
            return await self._in_lane(call, form, read)
        except UnreadableCsv as verdict:
            if call.wants_csv:
                told = list_errors(verdict.errors)
                raise csv_refusals.MarkedCsv(told, form.filename, call.held.pop_all()) from verdict
            raise csv_refusals.unreadable(verdict) from verdict
        except CsvTooLarge as verdict:
            raise csv_refusals.beyond_limit(verdict) from verdict

    async def _refusal(self, call: UploadCall, form: Form, options: Options, csv: JudgedCsv) -> Problem:
        if call.wants_csv:
            marked = await self.marked(call, form, options)
            return csv_refusals.MarkedCsv(marked, form.filename, call.held.pop_all())
        return csv_refusals.invalid_rows(csv)

    async def _in_lane(self, call: UploadCall, form: Form, work: Callable[[], T]) -> T:
        try:
            return await self.lanes.run(call.tenant, form.file_bytes, work)
        except OSError as error:
            raise no_room(error) from error
