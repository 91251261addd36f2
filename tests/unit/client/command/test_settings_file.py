"""R28: what the file of settings may hold, and what is told of one that holds anything else."""

import os
from pathlib import Path

import pytest
from pixmill.testing import FakePixmill

from tests.unit.client.command.conftest import Pixmill


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


def test_without_a_home_it_works_as_well(pixmill: Pixmill, file: Path, environment: dict[str, str]) -> None:
    environment["HOME"] = "/dev/null/none"
    assert pixmill("upload", file).code == 0
    assert pixmill("doctor").code == 1
    assert pixmill("login", "--key", "pxm_x").code == 1


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


@pytest.mark.parametrize("command", ["list", "login", "logout", "doctor"])
def test_a_named_file_that_is_not_there_is_told(pixmill: Pixmill, server: FakePixmill, command: str) -> None:
    ran = pixmill(command, PIXMILL_CONFIG="none.toml")
    assert (ran.code, server.calls) == (2, [])
    assert "none.toml, which PIXMILL_CONFIG names, is not there.\n" in ran.err


def test_a_named_file_may_be_anything_that_can_be_read(pixmill: Pixmill, tmp_path: Path) -> None:
    assert pixmill("list", PIXMILL_CONFIG=os.devnull).code == 0
    ran = pixmill("list", PIXMILL_CONFIG=str(tmp_path))
    assert (ran.code, f"{tmp_path} cannot be read" in ran.err) == (2, True)
