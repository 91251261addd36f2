"""The broker and the database of the local stack, each on its own."""

import asyncio
import os
import signal
import stat
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.free_ports import free_port
from deploy.local.processes.processes import exists
from deploy.local.servers.postgres import PostgresServer
from deploy.local.testing import RunningServer, kafka_broker, postgres_server
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.processes.freezing import freeze


async def _one_value(dsn: str, sql: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_the_shared_broker_takes_and_gives_messages(kafka: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic("local-servers", 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=kafka, acks="all") as producer:
        await producer.send_and_wait("local-servers", b"hello")
    async with AIOKafkaConsumer(
        "local-servers", bootstrap_servers=kafka, auto_offset_reset="earliest"
    ) as consumer:
        message = await asyncio.wait_for(consumer.getone(), DEADLINE_SECONDS)
    assert message.value == b"hello"


async def test_the_shared_database_speaks_utf_8_and_its_role_is_no_superuser(postgres: str) -> None:
    assert await _one_value(postgres, "select length('čau')") == 3
    assert await _one_value(postgres, "select rolsuper from pg_roles where rolname = current_user") is False
    assert await _one_value(postgres, "show fsync") == "on"


def test_a_database_keeps_its_rows_over_a_stop_and_over_a_kill(tmp_path: Path) -> None:
    with postgres_server(tmp_path) as (server, running):
        asyncio.run(_one_value(server.dsn, "create table kept as select 42 as answer"))
        running.stop()
        assert not exists(running.child.identity)
        _start_again(running)
        running.child.send(signal.SIGKILL)
        running.stop()
        _start_again(running)
        assert asyncio.run(_one_value(server.dsn, "select answer from kept")) == 42


def test_a_frozen_broker_is_not_ready_and_still_stops(tmp_path: Path) -> None:
    with kafka_broker(tmp_path) as (broker, running):
        freeze(running.child.pid)
        assert not broker.is_ready()
        running.stop()
        assert not exists(running.child.identity)


@pytest.mark.skipif(os.geteuid() != 0, reason="a plain user runs PostgreSQL himself")
def test_root_runs_the_database_as_another_user_below_closed_folders_and_leaves_them_closed(
    tmp_path: Path,
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with postgres_server(closed) as (server, running):
        assert Path(f"/proc/{running.child.pid}").stat().st_uid not in {0, tmp_path.stat().st_uid}
        assert asyncio.run(_one_value(server.dsn, "select 1")) == 1
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_a_pid_file_whose_number_belongs_to_another_process_by_now_does_not_stop_the_database(
    tmp_path: Path,
) -> None:
    with postgres_server(tmp_path) as (_, running):
        running.stop()
        (tmp_path / "postgres" / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n")
        running.prepare()
        _start_again(running)


def test_a_pid_file_that_its_server_removes_during_the_look_does_not_stop_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = PostgresServer(tmp_path / "postgres", tmp_path / "postgres.log", free_port())
    pid_file = server.folder / "data" / "postmaster.pid"
    pid_file.parent.mkdir(parents=True)
    pid_file.write_text(f"{os.getpid()}\n")
    is_there = Path.exists

    def seen(path: Path) -> bool:
        if path != pid_file:
            return is_there(path)
        pid_file.unlink()
        return True

    monkeypatch.setattr(Path, "exists", seen)
    server.prepare(lambda *_: pytest.fail("it is set up already"))
    assert not is_there(pid_file)


def _start_again(running: RunningServer) -> None:
    running.start()
    running.wait_until_ready()
