"""Reads a multipart form as it comes: the CSV into a spool file, the other fields into memory, all capped.

Starlette's own parser copies every file to a spool as well. But it caps neither a file's size, nor silence,
nor the time of an upload, and it cannot hash on the way. So this file drives the same tokenizer itself.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from services.ingest.csv_file.spool import OpenSpool, open_spool
from services.ingest.csv_file.verdicts import shown_value
from services.ingest.form.builder import FormBuilder
from services.ingest.form.file_spool import FileSpool
from services.ingest.form.form import Form
from services.ingest.form.refusals import (
    invalid_form,
    no_boundary,
    no_room,
    not_a_form,
    other_boundary,
    too_large,
    too_slow,
)
from shared.observing.loop_lag import LOOP_LAG
from shared.patience import FairPatience

OVERHEAD_BYTES = 1024 * 1024  # what a form may hold besides its file
PACE_BYTES = 16 * 1024  # must come in any `silence_seconds`
PIECE_BYTES = 64 * 1024  # fed to the tokenizer at once: its worst case stays far below 50 ms


@dataclass(frozen=True, slots=True)
class FormLimits:
    file_bytes: int
    silence_seconds: float
    total_seconds: float
    late_seconds: Callable[[], float] = LOOP_LAG.late_seconds  # of ours, for which no sender is blamed

    @property
    def body_bytes(self) -> int:
        return self.file_bytes + OVERHEAD_BYTES


async def read_form(
    content_type: str, body: AsyncIterator[bytes], limits: FormLimits, open_spool: OpenSpool = open_spool
) -> Form:
    """Raises a problem for a body that is no form, holds no file, is too large or too slow."""
    boundary = _require_boundary(content_type)
    spool = FileSpool(open_spool(), limits.file_bytes)
    try:
        form = await _read(FormBuilder(spool), boundary, body, limits)
        return replace(form, open_spool=open_spool)
    except BaseException:
        spool.file.close()
        raise


def _require_boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        raise not_a_form()
    boundary = options.get(b"boundary")
    if not boundary:
        raise no_boundary()
    return boundary


async def _read(
    builder: FormBuilder, boundary: bytes, body: AsyncIterator[bytes], limits: FormLimits
) -> Form:
    try:
        with FairPatience(limits.total_seconds, limits.late_seconds):
            await _feed(builder, boundary, body, limits)
        return await builder.form()
    except TimeoutError as error:
        raise too_slow() from error
    except OSError as error:
        raise no_room(error) from error


async def _feed(
    builder: FormBuilder, boundary: bytes, body: AsyncIterator[bytes], limits: FormLimits
) -> None:
    received = 0
    try:
        tokenizer = MultipartParser(boundary, builder.callbacks())  # type: ignore[arg-type] # a subset
        async for chunk in _paced(body, limits):
            received += len(chunk)
            if received > limits.body_bytes:
                raise too_large("file size", limits.file_bytes, "bytes")
            for start in range(0, len(chunk), PIECE_BYTES):
                tokenizer.write(chunk[start : start + PIECE_BYTES])
                await builder.spool.write_if_full()
    except FormParserError as error:
        if not builder.has_begun:
            raise other_boundary() from error
        raise invalid_form(f"The multipart form is malformed: {shown_value(str(error))}.") from error
    if not builder.ended:
        raise invalid_form("The multipart form breaks off before its end.")


async def _paced(body: AsyncIterator[bytes], limits: FormLimits) -> AsyncIterator[bytes]:
    """The body; TimeoutError when it comes too slowly: a few bytes now and then count as silence."""
    left_seconds, fresh = limits.silence_seconds, 0
    while True:
        with FairPatience(left_seconds, limits.late_seconds) as patience:  # only while we wait for the client
            chunk = await anext(body, None)
        if chunk is None:
            return
        left_seconds = patience.left_seconds
        fresh += len(chunk)
        if fresh >= PACE_BYTES:
            left_seconds, fresh = limits.silence_seconds, 0
        yield chunk
