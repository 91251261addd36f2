"""Warns of form fields that nobody knows: a misspelt option is not ignored in silence (pure)."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from services.ingest.csv_file.verdicts import UploadWarning, WarningCode, shown_value
from services.ingest.form.form import FormField

SHOWN_CHARACTERS = 60
NEAR = 0.7  # `colour` is not meant as `columns`


def unknown_field_warnings(names: Sequence[str]) -> Iterator[UploadWarning]:
    for name in dict.fromkeys(names):
        near = _nearest(name)
        meant = "" if near is None else f" Did you mean '{near}'?"
        message = (
            f"The form's field '{shown_value(name[:SHOWN_CHARACTERS])}' is unknown and was ignored.{meant}"
        )
        yield UploadWarning(WarningCode.UNKNOWN_FIELD, message)


def _nearest(name: str) -> FormField | None:
    plain = {_plain(known): known for known in reversed(FormField)}  # the first spelling wins
    near = get_close_matches(_plain(name[:SHOWN_CHARACTERS]), plain, n=1, cutoff=NEAR)
    return plain[near[0]] if near else None


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))
