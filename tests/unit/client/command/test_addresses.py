"""R28: which server an address means, and what is told where it leads to none."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pixmill import Client
from pixmill.testing import FakePixmill

from tests.unit.client.command.conftest import ID, Pixmill


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


@pytest.mark.parametrize("rest", ["/#/", "/#/requests/some", "/?a=b", "?", "//"])
def test_the_address_of_a_page_is_that_of_its_server(
    pixmill: Pixmill, server: FakePixmill, file: Path, rest: str
) -> None:
    ran = pixmill("upload", file, "--url", server.url + rest)
    assert (ran.code, f"page: {server.url}/#/requests/{ID}\n" in ran.err) == (0, True)
