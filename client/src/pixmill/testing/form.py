"""The upload form as the fake server reads it (pure)."""

import email.parser
import email.policy
from collections.abc import Mapping
from typing import Any

from pixmill.testing.refusals import Refused, invalid_form
from pixmill.testing.world import FakeUpload

_A_FORM = (
    "Send the CSV as multipart/form-data, in a field named 'file', as `curl -F file=@products.csv` does."
)


def upload_of(kind: str, body: bytes, idempotency_key: str | None) -> FakeUpload:
    """Raises Refused for what is no form, or one without a file."""
    if not kind.lower().startswith("multipart/form-data"):
        raise Refused(415, "not-a-form", _A_FORM)
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
        f"Content-Type: {kind}\r\n\r\n".encode() + body
    )
    parts: dict[str, Any] = {
        str(part.get_param("name", header="content-disposition")): part for part in message.iter_parts()
    }
    file = parts.pop("file", None)
    if file is None:
        raise _no_file(parts)
    return FakeUpload(
        filename=file.get_filename() or "",
        content=bytes(file.get_payload(decode=True)),
        fields={name: part.get_payload(decode=True).decode() for name, part in parts.items()},
        idempotency_key=idempotency_key,
    )


def _no_file(parts: Mapping[str, Any]) -> Refused:
    sent = ", ".join(f"'{name[:40]}'" for name in parts)
    holds = f" It holds {sent}." if sent else ""
    return invalid_form("file", f"The form holds no file: send the CSV in a field named 'file'.{holds}")
