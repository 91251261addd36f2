"""R28: two downloads into one folder, as of a command that was given twice."""

import os
from pathlib import Path

import pytest
from pixmill import Client, NotFoundError
from pixmill.flows.parts import being_written

from tests.unit.client.conftest import PRODUCTS

BEGUN = b"what the other has of it"


def test_what_another_download_is_writing_is_left_alone(client: Client, tmp_path: Path) -> None:
    """They wrote into one file, and took it from each other: "No such file or directory"."""
    accepted = client.upload(PRODUCTS)
    image, table = tmp_path / "00003-c.jpg", tmp_path / "out.csv"
    with being_written(image) as other_image, being_written(table) as other_table:
        for part in (other_image, other_table):
            part.write_bytes(BEGUN)
        saved = [*client.download_images(accepted.id, tmp_path), client.download_csv(accepted.id, table)]
        assert [each.path.stat().st_size for each in saved] == [each.length for each in saved]
        assert (other_image.read_bytes(), other_table.read_bytes()) == (BEGUN, BEGUN)
        other_table.replace(table)
    assert table.read_bytes() == BEGUN
    assert [each for each in tmp_path.iterdir() if each.suffix == ".part"] == [other_image]
    other_image.unlink()
    assert not any(each.fresh for each in client.download_images(accepted.id, tmp_path))


def test_of_a_download_that_got_nothing_no_file_is_left(client: Client, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        client.download_csv("00000000-0000-7000-8000-000000000000", tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []


def test_what_was_finished_meanwhile_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    for content in (b"first", b"second"):
        with being_written(path) as part:
            assert not part.exists() or part.stat().st_size == 0
            part.write_bytes(content)
            part.replace(path)
    assert path.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [path]


def test_what_another_download_finishes_in_that_moment_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was there when one looked for it, and gone when one looked at it."""
    path, look = tmp_path / "out.csv", Path.stat
    with monkeypatch.context() as patched, being_written(path) as part:

        def gone_after_a_look(each: Path, **how: bool) -> os.stat_result:
            found = look(each, **how)
            if each == part:
                part.replace(path)
            return found

        part.write_bytes(b"first")
        part.replace(path)
        part.write_bytes(b"second")  # of the other one
        patched.setattr(Path, "stat", gone_after_a_look)
    assert path.read_bytes() == b"second"
