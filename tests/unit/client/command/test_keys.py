"""R28: an API key is kept for its server alone, and told of where it can be none."""

from pathlib import Path

import pytest
from pixmill import Client
from pixmill.testing import FakePixmill

from tests.unit.client.command.conftest import ROOT, Pixmill, Start

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


def test_login_tells_of_a_key_that_comes_before_the_one_it_kept(pixmill: Pixmill) -> None:
    """Else each command after it would be refused as before, with the advice to log in."""
    note = "note: PIXMILL_API_KEY has another key, which comes first: take it away there."
    with FakePixmill(api_key="pxm_right") as closed:
        login = ("login", "--url", closed.url, "--key", "pxm_right")
        ran = pixmill(*login, PIXMILL_API_KEY="pxm_old")
        assert (ran.code, ran.err.splitlines()[-1].strip()) == (0, note)
        assert pixmill("list", "--url", closed.url, PIXMILL_API_KEY="pxm_old").code == 1
        for same in ({"PIXMILL_API_KEY": "pxm_right"}, {}):
            assert "note:" not in pixmill(*login, **same).err


def test_logout_tells_of_a_key_that_it_did_not_keep(pixmill: Pixmill) -> None:
    """It said that no key was kept, and each command went on with the one of the environment."""
    note = "note: PIXMILL_API_KEY has a key, which is used all the same: take it away there."
    assert pixmill("logout", PIXMILL_API_KEY="pxm_old").err.strip() == note
    assert pixmill("logout").err == ""


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


@pytest.mark.parametrize("content", ["5", "[]", '{"urls": {}}', '{"urls": {}, "keys": {"http://a": 5}}'])
def test_kept_keys_of_another_shape_are_told(pixmill: Pixmill, home: Path, content: str) -> None:
    kept = home / ".config/pixmill/keys.json"
    kept.parent.mkdir(parents=True)
    kept.write_text(content)
    ran = pixmill("list")
    assert (ran.code, f"{kept} cannot be read" in ran.err, "Traceback" in ran.err) == (1, True, False)
