"""The header Idempotency-Key: what a key may be. What was accepted under a key is the ledger's business."""

import re
from collections.abc import Sequence

from shared.web.problems import Problem

MAX_KEY_CHARACTERS = 255
KEY_PATTERN = "^[!-~]([ -~]*[!-~])?$"


def require_key(headers: Sequence[str]) -> str | None:
    """The key as sent, None where there is none; a 400 problem for an impossible one, and for two."""
    if not headers:
        return None
    key = headers[0].strip()
    if len(headers) > 1 or not re.fullmatch(KEY_PATTERN, key) or len(key) > MAX_KEY_CHARACTERS:
        raise invalid_key()
    return key


def invalid_key() -> Problem:
    error = f"There may be one Idempotency-Key, of 1 to {MAX_KEY_CHARACTERS} printable ASCII characters."
    return Problem(400, "invalid-idempotency-key", "Invalid Idempotency-Key", error)
