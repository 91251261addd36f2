"""What the local stack checks before it starts anything: its settings, Kafka's jars, how long it waits."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from deploy.local.processes.child import Program, ProgramFailed
from deploy.local.processes.supervised import restart_wait_seconds
from deploy.local.run import run
from deploy.local.servers.kafka import KafkaBroker
from deploy.local.servers.kafka_jars import LIST, BadJars, class_path, missing, read_list
from deploy.local.settings import EXIT_WRONG_SETTING, WrongSetting, read_settings
from deploy.local.terminal import StopRequest
from tests.worlds.patience import DEADLINE_SECONDS

CHECKOUT = Path("/checkout")


def test_without_settings_the_defaults_hold_and_an_empty_one_counts_as_not_set() -> None:
    settings = read_settings({"PROCESSORS": "", "STORE_URL": " ", "DATA_DIR": ""}, CHECKOUT)
    assert (settings.data_dir, settings.port_base, settings.processors) == (CHECKOUT / ".local", 8000, 1)
    assert settings.allow_hosts == settings.cors_origins == ""
    assert (settings.kafka_bootstrap, settings.postgres_dsn, settings.store_url) == (None, None, None)


@pytest.mark.parametrize(("given", "meant"), [("data", "/checkout/data"), ("/a/b", "/a/b"), ("../c", "/c")])
def test_the_data_folder_is_relative_to_the_checkout(given: str, meant: str) -> None:
    assert read_settings({"DATA_DIR": given}, CHECKOUT).data_dir == Path(meant)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATA_DIR", "~nobody-of-this-name/data"),
        ("PORT_BASE", "abc"),
        ("PORT_BASE", "0"),
        ("PORT_BASE", "32674"),
        ("PORT_BASE", "\N{FULLWIDTH DIGIT EIGHT}000"),
        ("PROCESSORS", "-1"),
        ("PROCESSORS", "1.5"),
        ("PROCESSORS", "83"),
        ("ALLOW_HOSTS", "nonsense"),
        ("ALLOW_HOSTS", "10.0.0.1/8"),
        ("CORS_ORIGINS", "localhost:5173"),
        ("CORS_ORIGINS", "http://localhost:5173/"),
        ("WEBHOOK_SCHEDULE", "x"),
        ("WEBHOOK_SCHEDULE", "0,-1"),
        ("WEBHOOK_SCHEDULE", "nan"),
        ("KAFKA_BOOTSTRAP", "no-port"),
        ("POSTGRES_DSN", "mysql://host/db"),
        ("STORE_URL", "/just/a/folder"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=name) as raised:
        read_settings({name: value}, CHECKOUT)
    assert "\n" not in str(raised.value)


def test_all_wrong_settings_are_named_at_once_each_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"PORT_BASE": "abc", "STORE_URL": "folder", "ALLOW_HOSTS": "x,10.0.0.1/8"}.items():
        monkeypatch.setenv(name, value)
    assert run(StopRequest()) == EXIT_WRONG_SETTING
    told = [line.split(":")[:2] for line in capsys.readouterr().err.splitlines()]
    names = ("PORT_BASE", "ALLOW_HOSTS", "ALLOW_HOSTS", "STORE_URL")
    assert told == [["pixmill", f" wrong setting {name}"] for name in names]


def test_a_jar_that_is_not_the_listed_one_is_refused_by_name(tmp_path: Path) -> None:
    listing = tmp_path / "list"
    listing.write_text(f"{hashlib.sha256(b'good').hexdigest()}  org/some.jar\n")
    assert list(missing(tmp_path, listing)) == ["org/some.jar"]
    (tmp_path / "org").mkdir()
    jar = tmp_path / "org" / "some.jar"
    jar.write_bytes(b"good")
    assert class_path(tmp_path, listing) == str(jar)
    jar.write_bytes(b"evil")
    with pytest.raises(BadJars, match=r"refused: .*some\.jar"):
        class_path(tmp_path, listing)


def test_the_committed_list_is_one_version_of_kafka() -> None:
    versions = {Path(path).parts[-2] for path in read_list(LIST) if path.startswith("org/apache/kafka/")}
    assert versions == {"4.3.0"}


def test_a_broker_without_jars_starts_a_download_that_its_folder_can_run(tmp_path: Path) -> None:
    cache, asked = tmp_path / "jars", []

    def run(program: Program, _: float) -> None:
        asked.append(program)
        raise ProgramFailed("asked for")

    with pytest.raises(ProgramFailed, match="asked for"):
        KafkaBroker(
            folder=tmp_path / "kafka",
            log=tmp_path / "kafka.log",
            client_port=1,
            controller_port=2,
            jars=cache,
        ).prepare(run)
    for path in read_list():  # so that there is nothing to fetch
        (cache / path).parent.mkdir(parents=True, exist_ok=True)
        (cache / path).touch()
    [download] = asked
    subprocess.run(
        download.command, cwd=download.folder, env=download.environment, check=True, timeout=DEADLINE_SECONDS
    )


def test_the_first_restart_is_at_once_and_later_ones_wait_longer_up_to_a_limit() -> None:
    assert [restart_wait_seconds(deaths) for deaths in (1, 2, 3, 4, 20)] == [0, 1, 2, 4, 15]
