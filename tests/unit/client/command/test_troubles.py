"""R28: what a stranger runs into is told in one sentence with a way out, and an exit code."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import pytest
from pixmill import Client, __version__
from pixmill.command.app import COMMANDS
from pixmill.testing import FakePixmill

from tests.unit.client.command.conftest import ROOT, Pixmill, Shell

ID = "01900000-0000-7000-8000-000000000000"
KEYRING = """
from pathlib import Path
from keyring.backend import KeyringBackend

class Kept(KeyringBackend):
    priority = 5

    def _file(self, service, name):
        return Path(__file__).with_name(f"{service} {name.replace('/', '-')}")

    def get_password(self, service, name):
        return self._file(service, name).read_text() if self._file(service, name).exists() else None

    def set_password(self, service, name, password):
        self._file(service, name).write_text(password)

    def delete_password(self, service, name):
        self._file(service, name).unlink()
"""
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://127.0.0.1:1", "Nothing listens at http://127.0.0.1:1."),
        ("http://nosuch.invalid", "Cannot connect to http://nosuch.invalid: nobody knows its name."),
    ],
)
def test_of_a_wrong_address_it_is_told_what_is_wrong_and_below_it_what_to_do(
    pixmill: Pixmill, url: str, sentence: str
) -> None:
    ran = pixmill("list", PIXMILL_URL=url)
    assert ran.code == 1
    assert f"error: {sentence}" in ran.err
    assert ran.err.splitlines()[-1].startswith("  ")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_on_this_machine_needs_no_scheme(pixmill: Pixmill, server: FakePixmill, host: str) -> None:
    ran = pixmill("list", "--url", f"{host}:{urlsplit(server.url).port}")
    assert (ran.code, server.calls) == (0, ["GET /v1/requests"])


def test_a_server_elsewhere_is_meant_to_be_https(pixmill: Pixmill) -> None:
    assert "https://nosuch.invalid:8000: nobody" in pixmill("list", "--url", "nosuch.invalid:8000").err


@pytest.mark.parametrize(
    "url",
    ["ftp://x", "http://", "http://[::1", "http://host:port", "http://127.0.0.1:99999999", "//",
     "http://x y", "http://x%20y", "pixmill list", "http://<host>", "http://${HOST}:8000"],
)  # fmt: skip
def test_what_is_no_address_is_told_before_anything_is_asked(pixmill: Pixmill, url: str) -> None:
    ran = pixmill("list", PIXMILL_URL=url)
    assert (ran.code, ran.err.splitlines()) == (
        2,
        [
            f"error: {url!r} (PIXMILL_URL) is no address of a server.",
            "  It is as https://pixmill.example or http://127.0.0.1:8000.",
        ],
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/\x01", f"http://{'a' * 70}.example", "http://..:1"])
def test_an_address_that_can_be_no_server_s_is_told(pixmill: Pixmill, url: str) -> None:
    ran = pixmill("list", PIXMILL_URL=url)
    assert (ran.code, ran.err.startswith("error: http://")) == (1, True)
    assert " is no address of a server: " in ran.err
    assert not ran.err.endswith("..\n")


def test_how_to_start_a_server_is_told_where_none_listens(pixmill: Pixmill) -> None:
    for command in (["list"], ["doctor"], ["upload", __file__]):
        ran = pixmill(*command, PIXMILL_URL="http://127.0.0.1:1")
        assert "`make up`" in ran.out + ran.err
    assert "make up" not in pixmill("list", PIXMILL_URL="http://nosuch.invalid").err


def test_a_key_that_is_missing(pixmill: Pixmill) -> None:
    with FakePixmill(api_key="pxm_right") as closed:
        ran = pixmill("list", PIXMILL_URL=closed.url)
        assert (ran.code, "`pixmill login`" in ran.err) == (1, True)
        assert pixmill("list", PIXMILL_URL=closed.url, PIXMILL_API_KEY="pxm_right").code == 0


def test_a_key_that_was_read_with_the_end_of_its_line_is_that_key(pixmill: Pixmill) -> None:
    with FakePixmill(api_key="pxm_right") as closed:
        assert pixmill("list", PIXMILL_URL=closed.url, PIXMILL_API_KEY=" pxm_right\r\n").code == 0
        with Client(closed.url, "pxm_right\n") as client:
            assert list(client.requests()) == []


def test_a_key_that_can_be_none_is_told_and_not_shown(pixmill: Pixmill, server: FakePixmill) -> None:
    ran = pixmill("list", PIXMILL_API_KEY="pxm_secret\npxm_other")
    assert (ran.code, "holds a line break" in ran.err, "PIXMILL_API_KEY" in ran.err) == (2, True, True)
    assert (ran.out, "pxm" in ran.err, server.calls) == ("", False, [])
    with pytest.raises(ValueError, match=r"^The API key holds a line break"):
        Client(server.url, "pxm_secret\npxm_other")


@pytest.mark.parametrize("key", ["", " ", "a\nb"])
def test_login_keeps_nothing_that_is_no_key(pixmill: Pixmill, home: Path, key: str) -> None:
    assert pixmill("login", "--key", key).code == 2
    assert not (home / ".config/pixmill/keys.json").exists()


def test_login_keeps_the_key_for_that_server_alone(pixmill: Pixmill, home: Path, server: FakePixmill) -> None:
    with FakePixmill(api_key="pxm_right") as closed:
        assert pixmill("login", "--key", "pxm_wrong", PIXMILL_URL=closed.url).code == 1
        assert not (home / ".config/pixmill/keys.json").exists()
        ran = pixmill("login", "--url", closed.url, "--key", "pxm_right", PIXMILL_URL="")
        assert ran.code == 0
        keys = home / ".config/pixmill/keys.json"
        assert keys.stat().st_mode & 0o777 == 0o600
        assert pixmill("list", PIXMILL_URL="").code == 0  # the address was kept as well
        assert pixmill("list").code == 0  # the other server
        assert "pxm_right" not in str(server.calls)
        assert pixmill("logout", PIXMILL_URL="").code == 0
        assert "pxm_right" not in keys.read_text()
        assert pixmill("list", PIXMILL_URL=closed.url).code == 1


def test_the_system_s_keyring_keeps_the_key_where_there_is_one(
    start: Start, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "kept.py").write_text(KEYRING)
    variables = {"PYTHON_KEYRING_BACKEND": "kept.Kept", "PYTHONPATH": f"{ROOT / 'client/src'}:{tmp_path}"}
    with FakePixmill(api_key="pxm_right") as closed:
        variables["PIXMILL_URL"] = closed.url
        assert start("login", "--key", "pxm_right", variables=variables).wait() == 0
        assert "pxm_right" not in (home / ".config/pixmill/keys.json").read_text()
        assert (tmp_path / f"pixmill {closed.url.replace('/', '-')}").read_text() == "pxm_right"
        assert start("list", variables=variables).wait() == 0
        assert start("logout", variables=variables).wait() == 0
        assert start("list", variables=variables).wait() == 1


def test_a_shell_completes_commands_and_options(start: Start) -> None:
    for words, completed in (("pixmill up", "upload"), ("pixmill upload --qua", "--quality")):
        variables = {
            "_PIXMILL_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(words.count(" ")),
        }
        out, _ = start(variables=variables).communicate()
        assert out.decode().split() == [completed]


def test_the_file_has_profiles(pixmill: Pixmill, home: Path, server: FakePixmill, file: Path) -> None:
    config = home / ".config/pixmill/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(
        f'profile = "shop"\n[profiles.shop]\nurl = "{server.url}"\nquality = 70\n[profiles.other]\n'
    )
    assert pixmill("upload", file, PIXMILL_URL="").code == 0
    assert server.uploads[0].fields == {"quality": "70"}
    wrong = pixmill("list", "--profile", "none")
    assert (wrong.code, "There are other, shop." in wrong.err) == (2, True)
    config.write_text("[profiles.shop]\nqualty = 70\n")
    assert "nobody knows: qualty" in pixmill("list").err
    config.write_text("profile = ")
    assert pixmill("list").code == 2


def test_the_file_may_come_from_windows(
    pixmill: Pixmill, home: Path, server: FakePixmill, file: Path
) -> None:
    """Its lines end in two characters, and Notepad's mark stands before them."""
    config = home / ".config/pixmill/config.toml"
    config.parent.mkdir(parents=True)
    lines = ('profile = "shop"', "[profiles.shop]", f'url = "{server.url}"', "quality = 70", "")
    config.write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    assert pixmill("upload", file, PIXMILL_URL="").code == 0
    assert server.uploads[0].fields == {"quality": "70"}


@pytest.mark.parametrize(
    "arguments",
    [["foo"], ["upload"], ["upload", "none.csv"], ["upload", "x", "--quality", "0"], ["status", "--nonsense"],
     ["upload", "a", "b", "-o", "c"], ["upload", "a", "--columns", "{"], ["trigger", "ftp://x"], ["tap"],
     ["--url", "http://x"], ["--profile", "a"]],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_is_2(pixmill: Pixmill, arguments: list[str]) -> None:
    assert pixmill(*arguments).code == 2
    ran = pixmill(*arguments, "--json")
    told = json.loads(ran.out.splitlines()[-1])
    assert (ran.code, ran.err, told["kind"], told["exit_code"]) == (2, "", "error", 2)
    assert "" not in (told["error"], told["way_out"])


@pytest.mark.parametrize(
    "arguments", [["--json"], ["--json", "--url", "http://x"], ["--profile=a", "--json"]]
)
def test_options_without_a_command_are_told_as_that(pixmill: Pixmill, arguments: list[str]) -> None:
    told = json.loads(pixmill(*arguments).out)
    assert (told["error"], told["way_out"]) == ("Missing command.", "`pixmill --help` says how it is used.")


def test_a_file_that_cannot_be_read_is_told_with_what_to_look_at(pixmill: Pixmill, tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    for command in ("upload", "validate"):
        missing = pixmill(command, "none.csv")
        assert (
            f"error: none.csv: No such file or directory.\n  Is the name right, as seen from {tmp_path}?"
            in (missing.err)
        )
        assert (
            "error: lists is a folder.\n  Name the files in it: lists/*.csv" in pixmill(command, "lists").err
        )


@pytest.mark.parametrize("command", ["upload", "validate"])
@pytest.mark.parametrize("name", ["", "."])
def test_a_name_that_is_empty_is_told_as_such(pixmill: Pixmill, command: str, name: str) -> None:
    ran = pixmill(command, name)
    assert (ran.code, ran.err.splitlines()) == (
        2,
        [
            "error: An empty name, as that of a variable that is not set, or a dot is a folder.",
            "  Name the files in it: *.csv",
        ],
    )


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_each_command_explains_itself(pixmill: Pixmill, command: str) -> None:
    ran = pixmill(*[command][: bool(command)], "--help")
    assert ran.code == 0
    assert ran.out.startswith("Usage: pixmill")
    assert pixmill(*[command][: bool(command)], "--help", COLUMNS="20").code == 0


def test_the_list_of_commands_says_each_in_a_whole_sentence(pixmill: Pixmill) -> None:
    told = pixmill("--help", COLUMNS="80").out
    assert "--version" in told
    assert "..." not in told.partition("Commands:")[2]
    assert pixmill("--json", "--help", COLUMNS="80").out == told
    assert pixmill("--url", "http://x", "-h", COLUMNS="80").out == told
    for arguments in (["--version"], ["-V"], ["--version", "list"], ["--json", "-V"], ["-V", "--json"]):
        assert pixmill(*arguments).out == f"pixmill {__version__}\n"


def test_without_a_home_it_works_as_well(pixmill: Pixmill, file: Path, environment: dict[str, str]) -> None:
    environment["HOME"] = "/dev/null/none"
    assert pixmill("upload", file).code == 0
    assert pixmill("doctor").code == 1
    assert pixmill("login", "--key", "pxm_x").code == 1


def test_an_error_that_a_proxy_made_is_told_as_such(pixmill: Pixmill, server: FakePixmill) -> None:
    server.refuse_next(502, times=3)
    assert "error: Not now." in pixmill("list").err


ELSEWHERE = "http://192.0.2.1"  # nothing is sent there: the environment shows no way
NO_WAY = [
    ({"ALL_PROXY": "socks5://127.0.0.1:1"}, "names a SOCKS proxy"),
    ({"HTTP_PROXY": "ftp://proxy"}, "names a proxy that can be none"),
    ({"SSL_CERT_FILE": "/none.pem"}, "SSL_CERT_FILE names cannot be read: No such file"),
    ({"SSL_CERT_FILE": __file__}, "SSL_CERT_FILE names cannot be read: "),
]


@pytest.mark.parametrize(("variables", "sentence"), NO_WAY)
@pytest.mark.parametrize("command", ["list", "doctor"])
def test_an_environment_that_leads_nowhere_is_told_in_a_sentence(
    pixmill: Pixmill, command: str, variables: dict[str, str], sentence: str
) -> None:
    ran = pixmill(command, "--url", ELSEWHERE, **variables)
    assert (ran.code, sentence in ran.out + ran.err, "Traceback" in ran.err) == (1, True, False)


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "socks5://127.0.0.1:1", "ftp://proxy"])
@pytest.mark.parametrize("command", ["list", "doctor"])
def test_a_server_on_this_machine_is_called_without_a_proxy(
    pixmill: Pixmill, command: str, proxy: str
) -> None:
    """Not even with one that nobody could take, as SOCKS without its package."""
    ran = pixmill(command, HTTP_PROXY=proxy, http_proxy=proxy, ALL_PROXY=proxy)
    assert (ran.code, "127.0.0.1:1." in ran.out + ran.err) == (0, False)


def test_a_proxy_between_is_told_without_its_password(pixmill: Pixmill) -> None:
    proxy = {"http_proxy": "http://me:secret@127.0.0.1:1", "PIXMILL_URL": "http://pixmill.invalid"}
    ran = pixmill("list", **proxy)
    told = (
        "Cannot connect to http://pixmill.invalid through the proxy 127.0.0.1:1 of the environment: nothing"
    )
    assert (ran.code, told in ran.err, "secret" in ran.err, "make up" in ran.err) == (1, True, False, False)
    assert "nobody knows its name" in pixmill("list", NO_PROXY=".invalid", **proxy).err


@pytest.mark.parametrize("option", [[], ["--json"]])
def test_the_password_of_an_address_is_never_shown(
    pixmill: Pixmill, server: FakePixmill, file: Path, option: list[str]
) -> None:
    """That of a gateway which asks for one."""
    behind = server.url.replace("http://", "http://me:hidden@")
    commands = ["upload products.csv", "validate products.csv", f"status {ID}", f"open {ID}", f"watch {ID}"]
    for command in (*commands, "doctor", "login --key k", "logout", "list", "status none"):
        ran = pixmill(*command.split(), *option, PIXMILL_URL=behind)
        assert "hidden" not in ran.out + ran.err, command
    for url in ("http://me:hidden@127.0.0.1:1", "http://me:hidden@nosuch.invalid"):
        ran = pixmill("list", *option, PIXMILL_URL=url)
        assert (ran.code, "hidden" in ran.out + ran.err) == (1, False)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://me:hid/den@host", "http://host"),
        ("http://me:hid#d@en@host:8000/path", "http://host:8000/path"),
        ("ftp://me:hidden@host", "ftp://host"),
        ("me:hidden@ho st", "ho st"),
        ("http://me:hidden@[::1", "http://[::1"),
    ],
)
def test_a_password_is_left_out_of_an_address_that_is_none(pixmill: Pixmill, url: str, shown: str) -> None:
    """A sign in it may be what is wrong."""
    for command in (["list", "--url", url], ["trigger", url], ["listen", "--forward", url]):
        ran = pixmill(*command)
        assert (ran.code, f"error: {shown!r} " in ran.err, "hid" in ran.err) == (2, True, False)
    with pytest.raises(ValueError, match="is no address of a server") as raised:
        Client(url)
    assert str(raised.value).startswith(f"{shown!r} ")


WRONG_FILES = {
    "profiles = 5": "profiles is not a table",
    "profile = 5": "profile is not text",
    "[profiles]\nshop = 5": "profile shop is not a table",
    "[profiles.shop]\napi_key = 5": "api_key of profile shop is not text",
    "[profiles.shop]\nurl = []": "url of profile shop is not text",
    'url = "http://127.0.0.1"': "it has a setting that nobody knows: url.\n  There are profile, profiles.",
}


@pytest.mark.parametrize("content", WRONG_FILES)
def test_a_file_of_another_shape_is_told(
    pixmill: Pixmill, server: FakePixmill, tmp_path: Path, content: str
) -> None:
    (tmp_path / "own.toml").write_text(content)
    ran = pixmill("list", PIXMILL_CONFIG="own.toml")
    assert (ran.code, f"own.toml: {WRONG_FILES[content]}" in ran.err, server.calls) == (2, True, [])


def test_a_profile_that_nobody_made_leads_nowhere(pixmill: Pixmill, server: FakePixmill) -> None:
    ran = pixmill("list", "--profile", "shop", PIXMILL_URL="")
    assert (ran.code, "There is no profile shop.\n" in ran.err) == (2, True)
    assert pixmill("login", "--profile", "shop", "--url", server.url, "--key", "k", PIXMILL_URL="").code == 0
    assert pixmill("list", "--profile", "shop", PIXMILL_URL="").code == 0


@pytest.mark.parametrize("rest", ["/#/", "/#/requests/some", "/?a=b", "?", "//"])
def test_the_address_of_a_page_is_that_of_its_server(
    pixmill: Pixmill, server: FakePixmill, file: Path, rest: str
) -> None:
    ran = pixmill("upload", file, "--url", server.url + rest)
    assert (ran.code, f"page: {server.url}/#/requests/{ID}\n" in ran.err) == (0, True)


@pytest.mark.parametrize("columns", ["5", "[]", "null", '"Picture"'])
@pytest.mark.parametrize("command", ["upload", "validate"])
def test_columns_that_are_no_object_are_told_before_anything_is_sent(
    pixmill: Pixmill, server: FakePixmill, file: Path, command: str, columns: str
) -> None:
    ran = pixmill(command, file, "--columns", columns)
    assert (ran.code, "--columns is no JSON object." in ran.err, server.calls) == (2, True, [])


@pytest.mark.parametrize("command", ["list", "login", "logout", "doctor"])
def test_a_named_file_that_is_not_there_is_told(pixmill: Pixmill, server: FakePixmill, command: str) -> None:
    ran = pixmill(command, PIXMILL_CONFIG="none.toml")
    assert (ran.code, server.calls) == (2, [])
    assert "none.toml, which PIXMILL_CONFIG names, is not there.\n" in ran.err


def test_a_named_file_may_be_anything_that_can_be_read(pixmill: Pixmill, tmp_path: Path) -> None:
    assert pixmill("list", PIXMILL_CONFIG=os.devnull).code == 0
    ran = pixmill("list", PIXMILL_CONFIG=str(tmp_path))
    assert (ran.code, f"{tmp_path} cannot be read" in ran.err) == (2, True)


@pytest.mark.parametrize("content", ["5", "[]", '{"urls": {}}', '{"urls": {}, "keys": {"http://a": 5}}'])
def test_kept_keys_of_another_shape_are_told(pixmill: Pixmill, home: Path, content: str) -> None:
    kept = home / ".config/pixmill/keys.json"
    kept.parent.mkdir(parents=True)
    kept.write_text(content)
    ran = pixmill("list")
    assert (ran.code, f"{kept} cannot be read" in ran.err, "Traceback" in ran.err) == (1, True, False)


@pytest.mark.parametrize("given", ["", " "])
@pytest.mark.parametrize("command", [["status"], ["watch"], ["delete", "--yes"], ["download"], ["open"]])
def test_an_id_that_is_empty_is_told(
    pixmill: Pixmill, server: FakePixmill, command: list[str], given: str
) -> None:
    """As of a script's variable that was never set."""
    ran = pixmill(*command, given)
    assert (ran.code, "it is empty" in ran.err, server.calls) == (2, True, [])


def until(holds: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    while not holds():
        assert process.poll() is None, process.communicate()


def test_ctrl_c_while_watching_says_how_to_go_on(start: Start, file: Path, server: FakePixmill) -> None:
    server.hold()
    process = start("upload", file, "--watch")
    until(lambda: f"GET /v1/requests/{ID}/events" in server.calls, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert f"Stopped. The request goes on. Look on: pixmill watch {ID}." in err.decode()
    assert b"Traceback" not in err


def test_ctrl_c_while_the_output_is_fetched_says_that_it_is_there(
    start: Start, file: Path, server: FakePixmill
) -> None:
    server.hold()
    process = start("upload", file, "--output", "my table.csv")
    until(lambda: f"GET /v1/requests/{ID}/events" in server.calls, process)
    server.hang_next()
    server.release()
    until(lambda: f"GET /v1/requests/{ID}/output.csv" in server.calls, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    server.unhang()
    assert process.returncode == 130
    assert err.decode().endswith(f"Fetch what came out: pixmill download {ID} --output 'my table.csv'\n")


@pytest.mark.parametrize("command", ["upload", "watch"])
def test_an_output_that_cannot_be_written_is_fetched_without_a_second_request(
    pixmill: Pixmill, server: FakePixmill, file: Path, command: str
) -> None:
    """As on a full disk: the same upload again, which was the way out, is a second request."""
    (file.parent / "out.csv.part").mkdir()
    if command == "watch":
        assert pixmill("upload", file).code == 0
    ran = pixmill(command, file if command == "upload" else ID, "--output", "out.csv")
    assert (ran.code, "error: out.csv.part: Is a directory.\n" in ran.err) == (1, True)
    assert ran.err.endswith(f"this fetches what came out: pixmill download {ID} --output out.csv\n")


def test_an_output_that_is_refused_at_the_end_is_told_with_its_problem(
    start: Start, file: Path, server: FakePixmill
) -> None:
    server.hold()
    process = start("upload", file, "--output", "out.csv", "--json")
    until(lambda: f"GET /v1/requests/{ID}/events" in server.calls, process)
    server.refuse_next(503, "Not now.", retry_after="0", times=3)
    server.release()
    out, _ = process.communicate()
    told = json.loads(out.splitlines()[-1])
    assert (told["kind"], told["problem"]["status"], told["exit_code"]) == ("error", 503, 1)
    assert told["way_out"].endswith(f"pixmill download {ID} --output out.csv")


def test_ctrl_c_while_uploading_says_that_a_repeat_is_safe(
    start: Start, file: Path, server: FakePixmill
) -> None:
    server.hang_next()
    process = start("upload", file)
    until(lambda: "POST /v1/requests" in server.calls, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "the same command again goes on with the same request" in err.decode()
    server.unhang()
    assert start("upload", file).wait() == 0
    assert len({each.idempotency_key for each in server.uploads}) == 1
    assert len(server.world.requests) == 1


def test_a_download_that_is_cut_off_says_how_to_go_on(start: Start, file: Path, server: FakePixmill) -> None:
    assert start("upload", file, "--watch").wait() == 0
    server.hang_next()
    process = start("download", ID, "--images", "new")
    until(lambda: server.calls[-1] == f"GET /v1/requests/{ID}", process)
    server.cut_next(times=100)
    server.unhang()
    _, err = process.communicate()
    assert process.returncode == 1
    assert err.decode().endswith("Once the server answers, the same command fetches what is missing.\n")


def test_a_server_that_dies_while_it_is_watched(start: Start, file: Path, tmp_path: Path) -> None:
    with FakePixmill() as dying:
        dying.hold()
        process = start("upload", file, "--watch", variables={"PIXMILL_URL": dying.url})
        until(lambda: f"GET /v1/requests/{ID}/events" in dying.calls, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert f"pixmill watch {ID}" in err.decode()


def test_a_pipe_that_is_closed_ends_it_quietly(start: Start, file: Path, server: FakePixmill) -> None:
    process = start("list", "--json")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert (process.stderr.read(), process.wait() in (0, 141)) == (b"", True)


def test_a_closed_pipe_ends_an_upload_of_several_files(start: Start, file: Path, server: FakePixmill) -> None:
    """It is no failure of one file, after which the next one would be sent."""
    process = start("upload", *[file] * 20)
    assert process.stdout is not None
    process.stdout.close()
    process.communicate()
    assert (process.returncode, len(server.uploads)) == (141, 1)


CLOSED = {"list >&-": 0, "list 2>&-": 0, "list <&- >&- 2>&-": 0, "upload - <&-": 1, "list nonsense 2>&-": 2}


@pytest.mark.parametrize("line", CLOSED)
def test_closed_streams_are_no_failure_of_their_own(in_a_shell: Shell, line: str) -> None:
    """As a scheduler may start it."""
    ran = in_a_shell(line)
    assert (ran.returncode, b"Traceback" in ran.stderr) == (CLOSED[line], False)


@pytest.mark.parametrize(("option", "words"), [("", b"No space left on device"), ("--json", b"")])
def test_a_full_disk_behind_standard_output_is_told(in_a_shell: Shell, option: str, words: bytes) -> None:
    ran = in_a_shell(f"upload products.csv {option} > /dev/full")
    assert (ran.returncode, words in ran.stderr, b"Traceback" in ran.stderr) == (1, True, False)
    assert b"Exception ignored" not in ran.stderr


@pytest.mark.parametrize("line", ["--version", "-V", "--help", "upload --help"])
def test_texts_of_its_own_end_as_results_do(start: Start, in_a_shell: Shell, line: str) -> None:
    """Where nobody reads them any longer, and where the disk is full."""
    with nobody_reads() as pipe:
        process = start(*line.split(), stdout=pipe)
        assert process.stderr is not None
        assert (process.stderr.read(), process.wait()) == (b"", 141)
    ran = in_a_shell(f"{line} > /dev/full")
    assert (ran.returncode, ran.stderr.splitlines()[0]) == (1, b"error: No space left on device.")


def nobody_reads() -> IO[bytes]:
    """A pipe whose other side is closed."""
    reading, writing = os.pipe()
    os.close(reading)
    return os.fdopen(writing, "wb")


def on_a_terminal(arguments: list[str | Path], environment: dict[str, str], folder: Path) -> tuple[str, int]:
    """What is seen, and the exit code."""
    main, side = pty.openpty()
    command = [sys.executable, "-m", "pixmill.command", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=side, stderr=side, stdin=side, env=environment, cwd=folder)
    os.close(side)
    seen = b""
    while True:
        try:
            chunk = os.read(main, 65536)
        except OSError:  # how Linux says that the other side is closed
            break
        if not chunk:
            break
        seen += chunk
    os.close(main)
    return seen.decode(), process.wait()


@pytest.mark.parametrize(("width", "seen_of_it"), [("100", "100 %"), ("25", "")])
def test_on_a_terminal_there_is_a_bar_and_colour(
    environment: dict[str, str], file: Path, server: FakePixmill, width: str, seen_of_it: str
) -> None:
    seen, code = on_a_terminal(
        ["upload", file, "-w"], environment | {"TERM": "xterm", "COLUMNS": width}, file.parent
    )
    assert code == 0
    assert seen_of_it in seen
    assert "\x1b[32mcompleted\x1b[0m" in seen


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1", "TERM": "xterm"}, {"TERM": "dumb"}])
def test_without_colour_there_is_none(
    environment: dict[str, str], file: Path, server: FakePixmill, variables: dict[str, str]
) -> None:
    seen, code = on_a_terminal(["upload", file, "-w"], environment | variables, file.parent)
    assert code == 0
    assert "\x1b[3" not in seen


def test_a_narrow_terminal_shows_the_state_the_percent_and_how_many(
    environment: dict[str, str], file: Path, server: FakePixmill
) -> None:
    narrow = environment | {"TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "40"}
    seen, _ = on_a_terminal(["upload", file, "-w"], narrow, file.parent)
    assert re.search("completed ━+ 100 % 3/3 images", seen)


def test_a_dumb_terminal_gets_the_lines_of_a_pipe(
    environment: dict[str, str], file: Path, server: FakePixmill
) -> None:
    """A bar would be an empty line there: whoever waits is told nothing until the end."""
    seen, _ = on_a_terminal(["upload", file, "-w"], environment | {"TERM": "dumb"}, file.parent)
    assert "completed  100 %  3/3 images" in seen
    seen, _ = on_a_terminal(["download", ID, "--images", "new"], environment | {"TERM": "dumb"}, file.parent)
    assert "3/3 images  306 B" in seen


def test_what_is_slow_to_import_comes_after_the_first_line(environment: dict[str, str]) -> None:
    """First output within 150 ms of CPU: `python -m bench --only command_start` measures it."""
    code = (
        "import sys, pixmill.command.verbs.upload as u\n"
        "from pixmill.command.app import app_of\n"
        "app_of(['upload'])\n"
        "slow = {'httpx', 'rich', 'keyring', 'asyncio', 'pydantic', 'ssl', 'email.parser'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert ran.stdout.decode().strip() == "[]"
