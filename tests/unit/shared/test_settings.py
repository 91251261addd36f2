"""Each wrong setting is one clear line, and the exit code 78, for every service and command."""

import importlib
import socket
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import asyncpg
import pytest
from cryptography.fernet import Fernet
from pydantic_settings import BaseSettings

from shared.broker_access import BrokerSettings
from shared.serving import wrong_settings_told
from shared.settings import EXIT_WRONG_SETTING, ServiceSettings, read_settings
from shared.store import open_store
from shared.topics import TopicSettings
from tests.worlds.hosts.certificate import certificate


def service_settings(name: str) -> type[BaseSettings]:
    module = importlib.import_module(f"services.{name}.settings")
    settings: type[BaseSettings] = module.Settings
    return settings


@pytest.mark.parametrize("name", ["ingest", "status", "processor", "notifier"])
@pytest.mark.parametrize(
    ("variable", "value"), [("PORT", "abc"), ("PORT", "0"), ("LOG_LEVEL", "loud"), ("DRAIN_SECONDS", "-1")]
)
def test_a_wrong_setting_of_a_service_is_a_line_that_names_it(
    name: str,
    variable: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PORT", "8000")
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "127.0.0.1:9092")
    monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit) as ended:
        read_settings(service_settings(name))
    assert ended.value.code == EXIT_WRONG_SETTING
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if line.startswith(f"wrong setting {variable}: ")]
    assert all(line.startswith("wrong setting ") for line in lines)


STORING = ["ingest", "status", "processor"]
WRONG = {
    "STORE_URL": (
        STORING,
        ["abc", "file://", "file:///", "file://host/x", "s3://", "s3://[", "http://store/x"],
    ),
    "PUBLIC_URL": (
        ["ingest", "status"],
        [
            "shop.example",
            "ftp://shop.example",
            "https://",
            "https://shop.example/?a=1",
            "https://shop.example/#a",
        ],
    ),
    "PUBLIC_FILES_URL": (["status"], ["cdn.example", "/files", "https://cdn example"]),
    "POSTGRES_DSN": (
        ["status"],
        [
            "abc",
            "mysql://host/db",
            "postgresql://a:b@host:port/db",
            "postgresql://a:pass/word@host:5432/db",
            "postgresql://a:12/34@host:5432/db",
            "postgresql://a:pass#word@host/db",
            "postgresql://a:pass@word@host/db",
            "postgresql://a:pass@[::1]word@host/db",
            "postgresql://host?user=a&password=pass@word",
            "postgresql://a:12#word@host/db",
            "postgresql://a:12?word@host/db",
            "postgresql://a:pass%E9word@host/db",
            "postgresql://a:pass%word@host/db",
            "postgresql://a:pass%00word@host/db",
            "postgresql://host/db?password=pass%",
            "postgresql://[/db",
            "postgresql://host/db?sslmode=verify",
            "postgresql://host/db?target_session_attrs=foo",
            "postgresql:///db?port=abc",
            "postgresql:///db?host=host&port=0",
            "postgresql:///db?host=one,two,three&port=1,2",
            "postgresql://host:65536/db",
            "postgresql://one,,two/db",
            "postgresql://host/db?sslnegotiation=foo",
            "postgresql://host/db?ssl_min_protocol_version=foo",
            "postgresql://host/db?sslcert=/nowhere.pem",
            "postgresql://host/db?foo",
        ],
    ),
    "POSTGRES_READ_DSN": (["status"], ["abc", "mysql://host/db", "postgresql:///db?port=abc"]),
    "KAFKA_BOOTSTRAP": (
        ["notifier"],
        [
            "http://kafka",
            "kafka:port",
            "kafka:0",
            "kafka:65536",
            "a:9092,",
            ",",
            "a b:9092",
            "[::1]9092",
            "[kafka]:1",
        ],
    ),
    "DRAIN_SECONDS": (["notifier"], ["inf", "nan", "1e300"]),
    "SILENCE_SECONDS": (["ingest"], ["inf"]),
    "UPLOAD_SECONDS": (["ingest"], ["inf"]),
    "FETCH_SECONDS": (["processor"], ["inf"]),
    "DECODE_SECONDS": (["processor"], ["inf"]),
    "DECODER_MEMORY_BYTES": (["processor"], ["9" * 30]),
    "MAX_IMAGE_BYTES": (["processor"], [str(2**32)]),
    "MAX_IMAGE_PIXELS": (["processor"], [str(2**32)]),
    "REQUEST_DEADLINE_SECONDS": (["status"], ["1e300"]),
    "RETENTION_DAYS": (["status"], ["1e300"]),
    "MAX_BACKLOG_IMAGES": (["status"], ["9" * 30]),
    "REQUESTS_PER_MINUTE": (["ingest", "status"], ["9" * 400]),
    "ROWS_PER_MINUTE": (["ingest"], ["9" * 400]),
    "MAX_CELL_CHARACTERS": (["ingest"], [str(2**63 - 1)]),
    "MAX_PIXELS_IN_FLIGHT": (["processor"], ["9" * 30]),
}
RIGHT = {
    "STORE_URL": (STORING, ["file:///srv/a%20b", "s3://bucket", "gs://bucket/prefix", "az://container"]),
    "KAFKA_BOOTSTRAP": (
        ["notifier"],
        ["kafka", "kafka:9092", "a:1, b:65535", "[::1]:9092", "::1"],
    ),
    "POSTGRES_DSN": (
        ["status"],
        [
            "postgres://host",
            "postgresql://a:b@c:5/d?sslmode=require",
            "postgresql://a:%2F%40%C3%A9@[::1]:5/d",
            "postgresql://a:b@host:5,other:6/d",
            "postgresql://a:b@host/d?application_name=a@b",
            "postgresql:///d?host=/run/postgresql",
            "postgresql://one,two:5433/d?target_session_attrs=read-write&application_name=a",
        ],
    ),
    "PUBLIC_FILES_URL": (["status"], ["https://cdn.example/files/"]),
    "RETENTION_DAYS": (["status"], ["0", "36500"]),
}


def cases(of: Mapping[str, tuple[Sequence[str], Sequence[str]]]) -> list[tuple[str, str, str]]:
    return [
        case for variable, (services, values) in of.items() for case in product(services, [variable], values)
    ]


def named(name: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The settings of this service that are told to be wrong."""
    with pytest.raises(SystemExit):  # none has all that it needs
        read_settings(service_settings(name))
    lines = capsys.readouterr().err.splitlines()
    return [line.removeprefix("wrong setting ").split(":")[0] for line in lines]


@pytest.mark.parametrize(("name", "variable", "value"), cases(WRONG))
def test_what_could_only_fail_later_is_told_at_the_start(
    name: str, variable: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(variable, value)
    assert variable in named(name, capsys)


@pytest.mark.parametrize(("name", "variable", "value"), cases(RIGHT))
def test_what_is_right_is_not_told(
    name: str, variable: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(variable, value)
    assert variable not in named(name, capsys)


FULL = "sslmode=verify-full"


@pytest.mark.parametrize(
    ("asked", "environment", "is_taken"),
    [
        ("sslmode=disable&sslrootcert=NOWHERE", {}, True),
        ("sslmode=prefer&sslrootcert=NOWHERE", {}, True),
        ("sslrootcert=NOWHERE", {}, True),
        ("", {"PGSSLROOTCERT": "NOWHERE"}, True),
        ("sslmode=require", {}, True),
        ("sslmode=require", {"PGSSLROOTCERT": "NOWHERE"}, False),
        ("sslmode=require&sslrootcert=NOWHERE", {}, False),
        ("sslmode=require", {"HOME": "HOME/empty"}, False),  # its authorities are an empty file
        ("sslmode=require", {"HOME": "HOME/some"}, True),
        (FULL, {}, False),  # no authority is known
        (FULL, {"HOME": "HOME/some"}, True),
        (FULL, {"HOME": "HOME/empty"}, False),
        (FULL, {"HOME": "HOME/empty", "PGSSLROOTCERT": "FILE"}, True),
        (f"{FULL}&sslrootcert=FILE", {"PGSSLROOTCERT": "NOWHERE"}, True),
        (f"{FULL}&sslrootcert=NOWHERE", {"PGSSLROOTCERT": "FILE"}, False),
        (f"{FULL}&sslrootcert=~/some/both.pem", {}, False),  # no home is looked for in a name
        (f"{FULL}&sslrootcert=system", {}, False),  # a word of another driver's
        (f"{FULL}&sslrootcert=HOME/empty/.postgresql/root.crt", {}, False),
        (f"{FULL}&sslrootcert=HOME/none.pem", {}, False),
        (f"{FULL}&sslrootcert=HOME", {}, False),
        (f"{FULL}&sslrootcert={'x' * 300}", {}, False),
        ("sslmode=verify-ca&sslrootcert=NOWHERE", {}, False),
        ("sslmode=verify-ca&sslrootcert=FILE", {}, True),
        ("", {"PGSSLMODE": "verify-full"}, False),
        ("", {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": "FILE"}, True),
        ("", {"PGSSLMODE": "verify"}, False),
        ("sslmode=disable", {"PGSSLMODE": "verify-full"}, True),
    ],
)
async def test_the_authorities_of_a_postgres_are_taken_as_its_driver_takes_them(
    asked: str,
    environment: Mapping[str, str],
    *,
    is_taken: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def placed(text: str) -> str:
        return (
            text.replace("FILE", "HOME/some/both.pem")
            .replace("NOWHERE", "HOME/nowhere.pem")
            .replace("HOME", str(tmp_path))
        )

    for home in ("some", "empty"):
        (tmp_path / home / ".postgresql").mkdir(parents=True)
    (tmp_path / "empty/.postgresql/root.crt").touch()
    certificate(tmp_path / "some")
    (tmp_path / "some/.postgresql/root.crt").symlink_to(tmp_path / "some/both.pem")
    (tmp_path / "none.pem").write_text("none")
    for variable in ("PGSSLMODE", "PGSSLROOTCERT"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in {"HOME": "HOME", **environment}.items():
        monkeypatch.setenv(variable, placed(value))
    with socket.socket() as nobody:  # does not listen
        nobody.bind(("127.0.0.1", 0))
        dsn = f"postgresql://a:b@127.0.0.1:{nobody.getsockname()[1]}/d?{placed(asked)}"
        monkeypatch.setenv("POSTGRES_DSN", dsn)
        assert ("POSTGRES_DSN" not in named("status", capsys)) is is_taken
        assert await is_taken_by_the_driver(dsn) is is_taken


async def is_taken_by_the_driver(dsn: str) -> bool:
    try:
        await asyncpg.connect(dsn)
    except ConnectionRefusedError:  # it came so far
        return True
    except (OSError, asyncpg.ClientConfigurationError):
        return False
    raise AssertionError("nobody listens there")


def test_white_space_around_a_setting_is_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a secret that was kept with the end of its line, or of `docker --env-file`."""
    given = {
        "PORT": "8000",
        "KAFKA_BOOTSTRAP": "127.0.0.1:9092",
        "POSTGRES_DSN": "postgresql://a:b@host:5432/d",
        "POSTGRES_READ_DSN": "postgresql://a:b@standby:5432/d?sslmode=require",
        "STORE_URL": "s3://bucket",
        "TARGET_KEYS": Fernet.generate_key().decode(),
        "PUBLIC_URL": "https://shop.example",
        "AUTH": "off",
    }
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    as_given = read_settings(service_settings("status"))
    for variable, value in given.items():
        monkeypatch.setenv(variable, f"\t {value}\r\n")
    monkeypatch.setenv("PUBLIC_FILES_URL", " ")
    assert read_settings(service_settings("status")) == as_given


def test_every_wrong_setting_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "127.0.0.1:9092")
    monkeypatch.setenv("PORT", "0")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    monkeypatch.setenv("DRAIN_SECONDS", "-1")
    with pytest.raises(SystemExit):
        read_settings(ServiceSettings)
    named = [line.split(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert sorted(named) == ["wrong setting DRAIN_SECONDS", "wrong setting LOG_LEVEL", "wrong setting PORT"]


@pytest.mark.parametrize("kind", [TopicSettings, BrokerSettings])
def test_a_missing_setting_of_a_command_is_one_line_that_names_it(
    kind: type[BaseSettings],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP", raising=False)
    with pytest.raises(SystemExit) as ended:
        read_settings(kind)
    assert ended.value.code == EXIT_WRONG_SETTING
    assert capsys.readouterr().err == "wrong setting KAFKA_BOOTSTRAP: Field required\n"


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING or ERROR"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "http or https"),
        ("PUBLIC_URL", "shop.example", "https://"),
    ],
)
def test_a_setting_that_fits_no_pattern_is_told_in_words(
    variable: str,
    value: str,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit):
        read_settings(service_settings("ingest"))
    (line,) = [each for each in capsys.readouterr().err.splitlines() if f" {variable}: " in each]
    assert told in line
    assert "pattern" not in line


@pytest.mark.parametrize(
    ("url", "variable", "named"),
    [
        ("s3://bucket", "AWS_ENDPOINT_URL=store:9000", "AWS_ENDPOINT_URL"),  # at which obstore panics
        ("s3://bucket", "AWS_ENDPOINT_URL=", "AWS_ENDPOINT_URL"),
        ("s3://bucket", "AWS_ENDPOINT=http://store:99999", "AWS_ENDPOINT"),
        ("s3://bucket", "AWS_ENDPOINT_URL_S3=ftp://store", "AWS_ENDPOINT_URL_S3"),
        ("az://container", "AZURE_STORAGE_ACCOUNT_KEY=c2VjcmV0", "STORE_URL"),  # of no account
        ("gs://bucket", "GOOGLE_SERVICE_ACCOUNT=/dev/null/google.json", "STORE_URL"),
        ("file:///dev/null/files", "AWS_REGION=any", "STORE_URL"),
    ],
)
def test_a_store_that_nobody_can_open_is_one_line_and_no_traceback(
    url: str, variable: str, named: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """R21"""
    monkeypatch.setenv(*variable.split("=", 1))
    with pytest.raises(SystemExit) as ended, wrong_settings_told():
        open_store(url)
    assert ended.value.code == EXIT_WRONG_SETTING
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"wrong setting {named}: ")
    assert "c2VjcmV0" not in line


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("s3://bucket", "HTTPS://store.example"),
        ("s3://bucket", "http://name:word@[::1]:9000/path"),
        ("az://container", ""),  # which needs none, as settings for several clouds may say it
    ],
)
def test_an_address_that_the_store_takes_is_not_refused(
    url: str, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    open_store(url)
