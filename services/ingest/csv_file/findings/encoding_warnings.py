"""Says in which encoding a file was read, and shows a cell of it, unless it is UTF-8 (pure)."""

from collections.abc import Iterator, Sequence

from services.ingest.csv_file.encodings.found import FoundEncoding
from services.ingest.csv_file.encodings.names import public_name
from services.ingest.csv_file.findings.sample_cells import SampleCell
from services.ingest.csv_file.verdicts import UploadWarning, WarningCode


def encoding_warnings(encoding: FoundEncoding, samples: Sequence[SampleCell]) -> Iterator[UploadWarning]:
    broken = next((sample for sample in samples if mended(sample.value) is not None), None)
    if not encoding.is_sure:
        yield UploadWarning(WarningCode.ENCODING_UNSURE, _unsure(encoding, samples))
    elif encoding.name != "utf-8":
        shown = f": row {samples[0].row} says '{samples[0].value}'" if samples else ""
        message = f"The file was read as {encoding.name}, not as UTF-8{shown}."
        yield UploadWarning(WarningCode.ENCODING_ASSUMED, message)
    elif broken is not None:
        said = f"Row {broken.row} says '{broken.value}', which was probably '{mended(broken.value)}'"
        message = (
            f"{said} before the file was once saved in a wrong encoding: save it anew from where it is right."
        )
        yield UploadWarning(WarningCode.TEXT_BROKEN, message)


def mended(text: str) -> str | None:
    """What a text was before it was written as UTF-8 and read as something else; None where it was not."""
    whole = text.strip("…")
    try:
        before = whole.encode("cp1252").decode()
    except UnicodeError:
        return None
    return None if before == whole else before


def _unsure(encoding: FoundEncoding, samples: Sequence[SampleCell]) -> str:
    telling = [sample for sample in samples if sample.otherwise not in (None, sample.value)] or samples
    read = f"The file was read as {encoding.name}, which is not sure"
    if telling:
        read += f": row {telling[0].row} says '{telling[0].value}'"
    if telling and encoding.otherwise is not None:
        read += f", and as {public_name(encoding.otherwise)} it would say '{telling[0].otherwise}'"
    return f"{read}. If that is wrong, name the file's encoding in the field 'encoding'."
