"""PgBouncer before Postgres is refused in one line that names the setting, whether it refuses our settings
itself or ignores them, and whatever it pools by.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.local.free_ports import free_port
from deploy.local.processes.child import Child, Program, stop
from deploy.local.servers.account import give_to, unprivileged_account
from services.status.postgres.sessions import PooledError, require_sessions
from shared.outcomes import Away
from tests.worlds.patience import DEADLINE_SECONDS, until

IGNORED = "ignore_startup_parameters = application_name, extra_float_digits, jit, pixmill.session"


@contextmanager
def pooler(dsn: str, folder: Path, *settings: str) -> Iterator[str]:
    """PgBouncer before that server; gives its DSN."""
    to, port = urlsplit(dsn), free_port()
    account = unprivileged_account((folder.parent,))
    give_to(account, folder)
    (folder / "users.txt").write_text(f'"{to.username}" "{to.password}"\n')
    lines = (
        "[databases]",
        f"* = host={to.hostname} port={to.port}",
        "[pgbouncer]",
        "listen_addr = 127.0.0.1",
        f"listen_port = {port}",
        "unix_socket_dir =",
        "auth_type = plain",
        f"auth_file = {folder / 'users.txt'}",
        *settings,
    )
    (folder / "pgbouncer.ini").write_text("\n".join(lines) + "\n")
    binary = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin")
    assert binary, "tools/debian.sh installs it"
    program = Program(
        name="pgbouncer",
        command=(binary, str(folder / "pgbouncer.ini")),
        environment={},
        folder=folder,
        log=folder / "log",
        account=account,
    )
    child = Child(program)
    try:
        yield dsn.replace(f":{to.port}/", f":{port}/")
    finally:
        stop([child])


async def is_refused(dsn: str) -> bool:
    """Once it answers."""
    try:
        await require_sessions("POSTGRES_DSN", dsn)
    except Away:
        return False
    except PooledError:
        return True
    raise AssertionError("it was taken for Postgres")


@pytest.mark.parametrize("mode", ["transaction", "session"])
@pytest.mark.parametrize("ignored", ["", IGNORED], ids=["refuses", "ignores"])
async def test_a_pooler_is_told_from_postgres(database: str, tmp_path: Path, mode: str, ignored: str) -> None:
    """R13"""
    with pooler(database, tmp_path / "pooler", f"pool_mode = {mode}", ignored) as dsn:
        await until(lambda: is_refused(dsn))


async def test_postgres_itself_is_taken(database: str) -> None:
    await require_sessions("POSTGRES_DSN", database)


COMMANDS = pytest.mark.parametrize(
    "command", [(), ("migrate",), ("adopt-store",)], ids=["run", "migrate", "adopt"]
)


@COMMANDS
def test_status_says_so_in_one_line_and_ends(database: str, tmp_path: Path, command: tuple[str, ...]) -> None:
    """R13: also where Postgres comes up later than status."""
    with pooler(database, tmp_path / "pooler", "pool_mode = transaction", IGNORED) as dsn:
        line = last_line(dsn, tmp_path, command)
    assert "POSTGRES_DSN" in line
    assert "PgBouncer" in line


@COMMANDS
@pytest.mark.parametrize(
    ("parameter", "named"),
    [("connect_timeout=10", "connect_timeout"), ("xmloption=much", "xmloption"), ("options=foo", "foo")],
)
def test_a_parameter_that_postgres_refuses_is_told_in_one_line(
    database: str, tmp_path: Path, command: tuple[str, ...], parameter: str, named: str
) -> None:
    line = last_line(f"{database}?{parameter}", tmp_path, command)
    assert "POSTGRES_DSN" in line
    assert named in line


def last_line(dsn: str, folder: Path, command: tuple[str, ...]) -> str:
    """What status says when it ends by a wrong setting."""
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": str(free_port()),
        "KAFKA_BOOTSTRAP": f"127.0.0.1:{free_port()}",
        "POSTGRES_DSN": dsn,
        "STORE_URL": folder.as_uri(),
        "PUBLIC_URL": "http://127.0.0.1",
        "AUTH": "off",
        "LOG_LEVEL": "ERROR",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "services.status", *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert ended.returncode == 78, ended.stderr
    return ended.stderr.splitlines()[-1]
