"""Has the CSV of one call judged in a lane of its own, and refuses one that cannot be accepted."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO, TypeVar

from services.ingest.admission.lanes import Lanes
from services.ingest.api import csv_refusals
from services.ingest.api.cell_places import CellPlaces
from services.ingest.api.sheet_header import header_place
from services.ingest.api.upload_call import UploadCall
from services.ingest.csv_file.limits import CsvTooLarge
from services.ingest.csv_file.marked import list_errors, mark_rows
from services.ingest.csv_file.reader import JudgedCsv, read_csv
from services.ingest.csv_file.verdicts import UnreadableCsv
from services.ingest.form.form import Form
from services.ingest.form.options import OnInvalid, Options
from services.ingest.form.refusals import no_room
from services.ingest.workbook.as_csv import sheet_as_csv
from services.ingest.workbook.kinds import SIGNATURE_BYTES, is_packed, unpacked_bytes
from services.ingest.workbook.limits import WorkbookLimits
from shared.outbound.addresses import Networks
from shared.web.problems import Problem
from shared.web.rate_limiting import RateLimiter

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedCsvs:
    limits: WorkbookLimits
    limiter: RateLimiter
    allow: Networks  # besides the public internet, for images
    lanes: Lanes = field(default_factory=Lanes)

    async def with_csv(self, call: UploadCall, form: Form, options: Options) -> Form:
        """The form with a CSV as its file: what was sent, or what is made of a workbook; or the problem."""
        form.file.seek(0)
        if not is_packed(form.file.read(SIGNATURE_BYTES)):
            return form
        unpacked = await self._verdict(call, form, partial(unpacked_bytes, form.file, self.limits))
        # By its bytes its lane is chosen.
        form = dataclasses.replace(form, file_bytes=max(form.file_bytes, unpacked))
        find_header = partial(header_place, limits=self.limits.csv, choice=options.columns)
        make = partial(sheet_as_csv, form.file, self.limits, find_header, form.open_spool)
        made = await self._verdict(call, form, make)
        return dataclasses.replace(
            form, file=made.file, sheet=made.sheet, is_of_lines=made.is_of_lines, noticed=made.warnings
        )

    async def judge(self, call: UploadCall, form: Form, options: Options) -> JudgedCsv:
        """A CSV that may be accepted, whose rows the caller closes; or the problem to answer with."""
        csv = await self._read(call, form, options)
        csv = dataclasses.replace(
            csv, sheet=form.sheet, is_of_lines=form.is_of_lines, warnings=(*form.noticed, *csv.warnings)
        )
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
            mark_rows,
            form.file,
            self.limits.csv,
            open_spool=form.open_spool,
            choice=options.columns,
            codec=_codec(form, options),
        )
        return await self._in_lane(call, form, mark)

    async def _read(self, call: UploadCall, form: Form, options: Options) -> JudgedCsv:
        read = partial(
            read_csv,
            form.file,
            self.limits.csv,
            allow=self.allow,
            open_spool=form.open_spool,
            choice=options.columns,
            codec=_codec(form, options),
        )
        return await self._verdict(call, form, read)

    async def _verdict(self, call: UploadCall, form: Form, work: Callable[[], T]) -> T:
        try:
            return await self._in_lane(call, form, work)
        except UnreadableCsv as verdict:
            if call.wants_csv:
                told = list_errors(csv_refusals.with_causes(verdict.errors, form.noticed))
                raise csv_refusals.MarkedCsv(told, form.filename, call.held.pop_all()) from verdict
            places = CellPlaces(form.sheet, form.is_of_lines)
            raise csv_refusals.unreadable(verdict, places, form.noticed) from verdict
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


def _codec(form: Form, options: Options) -> str | None:
    """What the caller says of the encoding is of no concern to a CSV of ours."""
    return options.codec if form.sheet is None else None
