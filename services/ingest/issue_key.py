"""`python -m services.ingest new-key --tenant shop`: prints a new API key once and stores its hash."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from shared.web.api_keys import ApiKey, Scope, append_key, key_hash, new_key

LONGEST_DAYS = 36_500


def issue_key(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    key = new_key()
    days = options.expires_in_days
    try:
        line = ApiKey(
            sha256=key_hash(key),
            tenant=options.tenant,
            scopes=tuple(options.scope or Scope),
            expires_at=None if days is None else datetime.now(UTC) + timedelta(days=days),
        )
        append_key(options.file, line)
    except ValidationError as error:
        return _refuse(f"--tenant: {error.errors()[0]['msg']}")
    except OSError as error:
        return _refuse(str(error))
    print(key)  # noqa: T201 - the one time that anybody sees it
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.ingest new-key",
        description="Prints a new API key, once, and keeps its hash in the file of keys.",
    )
    parser.add_argument("--tenant", required=True, help="whose key it is")
    parser.add_argument(
        "--scope",
        type=Scope,
        action="append",
        help="what it may do: upload, read, manage; repeat it for several, all by default",
    )
    parser.add_argument("--expires-in-days", type=day_count, help="without it the key never expires")
    default = os.environ.get("API_KEYS_FILE")
    shown = "the file of keys; by default what API_KEYS_FILE names"
    parser.add_argument("--file", type=Path, default=default, required=default is None, help=shown)
    return parser


def day_count(text: str) -> int:
    days = int(text)
    if not 1 <= days <= LONGEST_DAYS:
        raise argparse.ArgumentTypeError(f"a key is valid for 1 to {LONGEST_DAYS:,} days")
    return days


def _refuse(reason: str) -> int:
    print(reason, file=sys.stderr)  # noqa: T201 - a command talks to a person
    return 1
