"""Databases of status, each for one test, on the Postgres of all."""

import uuid
from functools import cache

import httpx
import psycopg

from deploy.local.servers.postgres import ROLE
from services.status.postgres.migrate import migrate


def new_database(server_dsn: str) -> str:
    """A database of its own with status's tables; returns its DSN."""
    return copied_database(_migrated(server_dsn))


def copied_database(dsn: str) -> str:
    """Another one of the same server with all that is in this one, to which nobody is connected."""
    return _created(dsn, f"TEMPLATE {_name(dsn)}")


def empty_database(server_dsn: str) -> str:
    return _created(server_dsn, "")


@cache
def _migrated(server_dsn: str) -> str:
    """Once a server: to copy a database takes a tenth of what its migrations take."""
    dsn = empty_database(server_dsn)
    migrate(dsn)
    return dsn


def _created(dsn: str, template: str) -> str:
    name = f"status_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(str(httpx.URL(dsn).copy_with(path=f"/{ROLE}")), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {template}".encode())
    return str(httpx.URL(dsn).copy_with(path=f"/{name}"))


def _name(dsn: str) -> str:
    return httpx.URL(dsn).path.removeprefix("/")
