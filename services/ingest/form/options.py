"""The options of an upload: what the form's other fields may say, and what it means when they say nothing."""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from services.ingest.csv_file.encodings.names import PUBLIC_NAMES, codec_named
from services.ingest.csv_file.header.column_choice import NOTHING_SAID, ColumnChoice
from services.ingest.csv_file.verdicts import UploadWarning, WarningCode, shown_value
from services.ingest.form.columns import read_column_choice
from services.ingest.form.form import FormField
from services.ingest.form.refusals import invalid_form
from services.ingest.form.webhook_url import webhook_doubt, webhook_fault
from shared.contract.events import ImageFormat, Priority
from shared.outbound.addresses import Networks
from shared.web.problems import Problem

E = TypeVar("E", bound=StrEnum)
Fields = Mapping[FormField, str]

WEBHOOK_FIELDS = (FormField.WEBHOOK_URL, FormField.WEBHOOK_URL_CAMEL)
MIN_QUALITY, MAX_QUALITY, DEFAULT_QUALITY = 1, 95, 50


class OnInvalid(StrEnum):
    REJECT = "reject"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    webhook_url: str | None = None
    quality: int = DEFAULT_QUALITY
    format: ImageFormat = ImageFormat.KEEP
    priority: Priority = Priority.NORMAL
    on_invalid: OnInvalid = OnInvalid.REJECT
    columns: ColumnChoice = NOTHING_SAID
    codec: str | None = None  # of the encoding that the file is said to be in

    def warnings(self) -> Iterator[UploadWarning]:
        if self.webhook_url is not None and (doubt := webhook_doubt(self.webhook_url)):
            yield UploadWarning(WarningCode.WEBHOOK_NOT_ENCRYPTED, doubt)

    def fingerprint(self, file_sha256: str) -> str:
        """The same for the same file and values, however the form spelled them."""
        values: list[object] = [
            file_sha256,
            self.webhook_url,
            self.quality,
            self.format,
            self.priority,
            self.on_invalid,
        ]
        # Without the younger fields as before they were there: the ledger keeps fingerprints.
        if self.columns != NOTHING_SAID:
            values.append(dataclasses.astuple(self.columns))
        if self.codec is not None:
            values.append(self.codec)
        return hashlib.sha256(json.dumps(values).encode()).hexdigest()


DEFAULTS = Options()


def read_options(fields: Fields, allow: Networks) -> Options:
    """An empty field is as good as none; a wrong one is a problem that names it."""
    return Options(
        webhook_url=_webhook_url(fields, allow),
        quality=_quality(fields.get(FormField.QUALITY, "")),
        format=_choice(fields, FormField.FORMAT, DEFAULTS.format),
        priority=_choice(fields, FormField.PRIORITY, DEFAULTS.priority),
        on_invalid=_choice(fields, FormField.ON_INVALID, DEFAULTS.on_invalid),
        columns=read_column_choice(fields.get(FormField.COLUMNS, "")),
        codec=_codec(fields.get(FormField.ENCODING, "")),
    )


def _webhook_url(fields: Fields, allow: Networks) -> str | None:
    given = {name: url for name in WEBHOOK_FIELDS if (url := fields.get(name, ""))}
    if not given:
        return None
    name, url = next(iter(given.items()))
    if len(set(given.values())) > 1:
        raise invalid_form("webhook_url and webhookUrl differ.", name)
    fault = webhook_fault(url, allow)
    if fault is not None:
        raise invalid_form(f"The webhook URL {fault}.", name)
    return url


def _quality(text: str) -> int:
    if not text:
        return DEFAULT_QUALITY
    if text.isascii() and text.isdigit() and len(text) <= len("095"):
        quality = int(text)
        if MIN_QUALITY <= quality <= MAX_QUALITY:
            return quality
    raise impossible_quality()


def impossible_quality() -> Problem:
    error = f"quality must be a whole number from {MIN_QUALITY} to {MAX_QUALITY}."
    return invalid_form(error, FormField.QUALITY)


def _codec(name: str) -> str | None:
    if not name:
        return None
    codec = codec_named(name)
    if codec is None:
        known = ", ".join(PUBLIC_NAMES)
        error = f"encoding names none that we know: '{shown_value(name)[:40]}'. Known are {known}."
        raise invalid_form(error, FormField.ENCODING)
    return codec


def _choice(fields: Fields, name: FormField, default: E) -> E:
    text = fields.get(name, "")
    if not text:
        return default
    choices = type(default)
    try:
        return choices(text.lower())
    except ValueError as error:
        allowed = ", ".join(choices)
        raise invalid_form(f"{name} must be one of {allowed}.", name) from error
