"""The status service's settings. It reads nothing but the environment, through `shared.settings`."""

import os
import re
import ssl
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from asyncpg import connect_utils
from pydantic import AfterValidator, Field, field_validator

from shared.settings import COUNTABLE, Numbers, Seconds, WebAddress
from shared.web.settings import ApiSettings

POSTGRES_DSN = "POSTGRES_DSN"
POSTGRES_READ_DSN = "POSTGRES_READ_DSN"
HUNDRED_YEARS_IN_DAYS = 36_500
_ADDRESS = re.compile(r"(?:\[[0-9A-Fa-f:.%]+\]|[^\s:\[\]]*)(?::[0-9]{1,5})?")
_NO_CHARACTER = re.compile(r"%(?!(?!00)[0-9A-Fa-f]{2})")  # libpq reads none, by which migrate connects
_SSL_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
_TRUSTING = frozenset({"require", "verify-ca", "verify-full"})
_SESSIONS = frozenset({"any", "primary", "standby", "prefer-standby", "read-write", "read-only"})
_HIGHEST_PORT = 65_535
# What the driver may be told beside a DSN: it is told none of it.
_BESIDE = (
    *("host", "port", "user", "password", "passfile", "database", "ssl", "direct_tls", "server_settings"),
    *("service", "servicefile", "target_session_attrs", "krbsrvname", "gsslib"),
)


def _require_dsn(dsn: str) -> str:
    """Nothing that a driver would misread, ours or libpq, by which `migrate` connects: it says so with each
    connection, and shows part of a password that has such a character in it.
    """
    try:
        parts = urlsplit(dsn)
        unquote(dsn, errors="strict")
    except ValueError:
        parts = urlsplit("")
    places = parts.netloc.partition("@")[2] if "@" in parts.netloc else parts.netloc
    is_read = all(map(_ADDRESS.fullmatch, places.split(","))) and not _NO_CHARACTER.search(dsn)
    is_cut_short = "@" in places + (parts.path or parts.query) or "#" in dsn
    if parts.scheme not in {"postgres", "postgresql"} or not is_read or is_cut_short:
        raise ValueError(
            "needs postgresql://user:password@host:port/database; in a password / is %2F, ? is %3F, # is %23,"
            " @ is %40, % is %25"
        )
    asked = parse_qs(parts.query)
    mode = _one_of(_SSL_MODES, asked, "sslmode", "prefer")
    _one_of(_SESSIONS, asked, "target_session_attrs", "any")
    if mode in _TRUSTING:
        _require_authorities(mode, asked.get("sslrootcert", [os.environ.get("PGSSLROOTCERT", "")])[-1])
    _require_readable(dsn)
    return dsn


def _one_of(words: Collection[str], asked: Mapping[str, Sequence[str]], name: str, otherwise: str) -> str:
    variable = f"PG{name.replace('_', '').upper()}"
    word = asked.get(name, [os.environ.get(variable, otherwise)])[-1]
    if word not in words:
        raise ValueError(f"{name}, or {variable}, is one of {', '.join(sorted(words))}")
    return word


def _require_authorities(mode: str, named: str) -> None:
    """The driver trusts no authority of the system's by itself, and a file that it cannot read stops each
    connection. `require` needs none, but one that is named, or in the usual place, is read.
    """
    file = named or os.path.expanduser("~/.postgresql/root.crt")  # noqa: PTH111 - who has no home here has none
    try:
        ssl.create_default_context(cafile=file)
    except OSError as error:  # ssl.SSLError is one
        if mode == "require" and not named and isinstance(error, FileNotFoundError | NotADirectoryError):
            return
        raise ValueError(
            f"cannot read {file}: {error.strerror or error}: name the authorities to trust, as by"
            " sslmode=verify-full&sslrootcert=/etc/ssl/certs/ca-certificates.crt"
        ) from error


def _require_readable(dsn: str) -> None:
    """By the driver itself, which reads it anew for each connection, with its PG… variables."""
    try:
        read = connect_utils._parse_connect_dsn_and_args  # type: ignore[attr-defined] # noqa: SLF001 - no other way
        places, _ = read(dsn=dsn, **dict.fromkeys(_BESIDE))
    except asyncpg.ClientConfigurationError as error:
        raise ValueError(str(error).partition("\n")[0]) from error
    except OSError as error:  # of sslcert, sslkey or sslcrl
        raise ValueError(f"cannot read a file that it names: {error.strerror or error}") from error
    except (ValueError, LookupError) as error:  # its text may show part of a password that has a & in it
        raise ValueError(
            "no such address: each host has a name, each port a number, and behind the ? is name=value"
        ) from error
    if any(not 0 < place[1] <= _HIGHEST_PORT for place in places if not isinstance(place, str)):
        raise ValueError(f"a port is a number from 1 to {_HIGHEST_PORT}")


PostgresAddress = Annotated[str, AfterValidator(_require_dsn)]


class Settings(ApiSettings):
    postgres_dsn: PostgresAddress = Field(repr=False)
    """PostgreSQL: postgresql://user:password@host:port/database."""
    postgres_read_dsn: PostgresAddress | None = Field(default=None, repr=False)
    """A standby of it, for what the API reads; empty: the same server."""
    public_files_url: WebAddress | None = None
    """The http or https address of a public bucket or CDN with the files; empty: status streams them."""

    requests_per_minute: int = Field(default=12_000, ge=0, le=COUNTABLE)
    """Calls of one tenant to one process; 0: no limit."""
    webhook_schedule: Numbers = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
    """The wait before each attempt at a webhook, in seconds."""
    request_deadline_seconds: Seconds = 86_400
    """Images still open so long after a run began end as expired."""
    sweep_files: bool = True
    """Whether files that belong to nobody are removed; false: they are only counted."""
    retention_days: float = Field(default=30, ge=0, le=HUNDRED_YEARS_IN_DAYS)
    """How long ended requests and their files are kept; 0: for ever."""
    max_backlog_images: int = Field(default=10_000_000, ge=1, le=COUNTABLE)
    """Above so many open images, accepted uploads wait in Kafka."""
    tenant_backlog_share: float = Field(default=0.25, gt=0, le=1)
    """The part of these that one tenant may have; its uploads beyond are answered 429 too-many-images."""
    completed_body_bytes: int = Field(default=262_144, ge=16_384, le=1_048_576)
    """The largest body of request.completed, products included."""

    @field_validator("webhook_schedule")
    @classmethod
    def _waits(cls, schedule: tuple[float, ...]) -> tuple[float, ...]:
        if not schedule or any(not 0 <= wait <= 7 * 86_400 for wait in schedule):
            raise ValueError("needs one wait in seconds for each attempt, comma-separated")
        return schedule
