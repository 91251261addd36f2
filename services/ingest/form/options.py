"""The form's fields besides the file: what they may be, and their normal form (pure)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from services.ingest.form.refusals import invalid_form
from services.ingest.form.webhook_url import webhook_fault
from shared.contract.events import ImageFormat, Priority
from shared.outbound.addresses import Networks

E = TypeVar("E", bound=StrEnum)

MIN_QUALITY, MAX_QUALITY, DEFAULT_QUALITY = 1, 95, 50


class OnInvalid(StrEnum):
    REJECT = "reject"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Options:
    webhook_url: str | None = None
    quality: int = DEFAULT_QUALITY
    format: ImageFormat = ImageFormat.KEEP
    priority: Priority = Priority.NORMAL
    on_invalid: OnInvalid = OnInvalid.REJECT

    def fingerprint(self, file_sha256: str) -> str:
        """The same for the same file and values, however the form spelled them."""
        values = [file_sha256, self.webhook_url, self.quality, self.format, self.priority, self.on_invalid]
        return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def read_options(fields: Mapping[str, str], allow: Networks) -> Options:
    """Unknown fields stay unread; an empty one is as good as none; a wrong one is a problem that names it."""
    return Options(
        _webhook_url(fields, allow),
        _quality(fields.get("quality", "")),
        _one_of(ImageFormat, "format", fields, ImageFormat.KEEP),
        _one_of(Priority, "priority", fields, Priority.NORMAL),
        _one_of(OnInvalid, "on_invalid", fields, OnInvalid.REJECT),
    )


def _webhook_url(fields: Mapping[str, str], allow: Networks) -> str | None:
    given = {name: url for name in ("webhook_url", "webhookUrl") if (url := fields.get(name, ""))}
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
    raise invalid_form(f"quality must be a whole number from {MIN_QUALITY} to {MAX_QUALITY}.", "quality")


def _one_of(kind: type[E], name: str, fields: Mapping[str, str], default: E) -> E:
    text = fields.get(name, "")
    if not text:
        return default
    try:
        return kind(text.lower())
    except ValueError as error:
        allowed = ", ".join(kind)
        raise invalid_form(f"{name} must be one of {allowed}.", name) from error
