"""R28: where a command may write is judged before anything is sent, and nothing is lost by it."""

import os
from pathlib import Path

import pytest
from pixmill.testing import FakePixmill

from tests.unit.client.command.conftest import ID, Pixmill, Shell


@pytest.mark.parametrize(
    "arguments",
    [
        ["upload", "products.csv", "--output"],
        ["watch", "id", "--output"],
        ["download", "id", "--failed"],
        ["validate", "products.csv", "--fix"],
    ],
    ids=" ".join,
)
def test_a_place_that_cannot_be_written_is_told_before_anything_is_sent(
    pixmill: Pixmill, tmp_path: Path, file: Path, server: FakePixmill, arguments: list[str]
) -> None:
    (tmp_path / "lists").mkdir()
    for place, code, sentence in (
        ("-", 2, "needs a file"),
        ("lists", 1, "lists is a folder"),
        ("none/a", 1, "no folder none"),
        ("a" * 251, 1, "the name is too long"),  # `.part` comes behind it
        ("a" * 256, 1, "the name is too long"),
    ):
        ran = pixmill(*arguments, place)
        assert (ran.code, sentence in ran.err, server.calls) == (code, True, [])
    assert sorted(each.name for each in tmp_path.iterdir()) == ["home", "lists", file.name]


@pytest.mark.parametrize(
    ("arguments", "instead"),
    [
        (["upload", "products.csv", "--output", "new.ods"], "new.csv"),
        (["watch", "id", "--output", "new.XLS"], "new.csv"),
        (["download", "id", "--output", "new.xlsm"], "new.csv"),
        (["download", "id", "--failed", "bad.xlsx"], "bad.csv"),
        (["validate", "products.csv", "--fix", "marked.xlsx"], "marked.csv"),
    ],
    ids=str,
)
def test_a_csv_is_not_called_a_workbook(
    pixmill: Pixmill, file: Path, server: FakePixmill, arguments: list[str], instead: str
) -> None:
    """No spreadsheet would open it."""
    ran = pixmill(*arguments)
    assert (ran.code, f"Name it {instead}." in ran.err, server.calls) == (2, True, [])
    assert sorted(each.name for each in file.parent.iterdir()) == ["home", file.name]


def test_a_name_of_two_lines_is_told_on_one(pixmill: Pixmill, file: Path, tmp_path: Path) -> None:
    """Whoever reads results line by line gets each whole."""
    strange = file.rename(tmp_path / "spring\nlist.csv")
    for verb in ("upload", "validate"):
        ran = pixmill(verb, strange)
        assert (ran.code, len(ran.out.splitlines()), "spring list.csv: " in ran.out) == (0, 1, True)


@pytest.mark.parametrize("arguments", [["--output", "a.csv"], ["--images", "pictures"]])
def test_a_folder_that_must_not_be_written_is_told_at_once(
    pixmill: Pixmill, server: FakePixmill, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """Root, as whom tests run at times, may write everywhere."""
    monkeypatch.setattr("os.access", lambda *_: False)
    ran = pixmill("download", "id", *arguments)
    assert (ran.code, "nothing can be written" in ran.err, server.calls) == (1, True, [])


def test_images_go_into_no_file(pixmill: Pixmill, file: Path) -> None:
    ran = pixmill("download", "id", "--images", file / "pictures")
    assert (ran.code, f"{file} is no folder" in ran.err) == (1, True)


@pytest.mark.parametrize("name", ["pipe", "standard-output", "link"])
def test_what_is_no_file_is_never_replaced_by_one(
    pixmill: Pixmill, server: FakePixmill, file: Path, tmp_path: Path, name: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "standard-output").symlink_to("/proc/self/fd/1")
    (tmp_path / "link").symlink_to("standard-output")
    before = (tmp_path / name).lstat().st_ino
    for command in (("upload", file, "--output"), ("download", ID, "--output"), ("validate", file, "--fix")):
        ran = pixmill(*command, name)
        assert (ran.code, f"{name} is no file, and a file would take its place." in ran.err) == (2, True)
    assert ((tmp_path / name).lstat().st_ino, server.calls) == (before, [])


@pytest.mark.parametrize("name", ["a.part", "./a.part", "link", "a"])
@pytest.mark.parametrize("command", ["upload a.part --output", "validate a.part --fix", "upload link -o"])
def test_the_file_that_is_sent_is_never_replaced(
    pixmill: Pixmill, server: FakePixmill, file: Path, name: str, command: str
) -> None:
    """Nor by what is on its way to the name beside it."""
    sent = file.rename(file.with_name("a.part"))
    file.with_name("link").symlink_to(sent)
    before = sent.read_bytes()
    ran = pixmill(*command.split(), name)
    assert (ran.code, " is the file that is sent.\n" in ran.err, server.calls) == (2, True, [])
    assert (sent.read_bytes(), file.with_name("link").is_symlink()) == (before, True)


def test_the_file_behind_standard_input_is_never_replaced(in_a_shell: Shell, server: FakePixmill) -> None:
    ran = in_a_shell("upload - --output products.csv < products.csv")
    assert (ran.returncode, b"products.csv is the file that is sent." in ran.stderr) == (2, True)
    assert in_a_shell("upload - --output new.csv < products.csv").returncode == 0


@pytest.mark.parametrize("output", [[], ["--output", "./products-output.csv"]])
def test_two_tables_of_a_download_have_two_names(
    pixmill: Pixmill, server: FakePixmill, file: Path, output: list[str]
) -> None:
    """Nothing is asked for that but the name that the output has when nobody gives one."""
    server.fail("https://shop.example/c.jpg")
    pixmill("upload", file)
    server.calls.clear()
    ran = pixmill("download", ID, *output, "--failed", "products-output.csv")
    assert (ran.code, "products-output.csv cannot be both tables." in ran.err) == (2, True)
    assert server.calls == ([] if output else [f"GET /v1/requests/{ID}"])
    assert not (file.parent / "products-output.csv").exists()


def test_the_name_that_nobody_gave_is_looked_at_as_well(pixmill: Pixmill, file: Path) -> None:
    pixmill("upload", file)
    (file.parent / "products-output.csv").mkdir()
    ran = pixmill("download", ID)
    assert (ran.code, "error: products-output.csv is a folder." in ran.err) == (1, True)
    assert not (file.parent / "products-output.csv.part").exists()


def test_the_output_of_a_long_name_has_a_name_that_is_possible(pixmill: Pixmill, file: Path) -> None:
    long = file.rename(file.with_name("產品清單" * 20 + ".csv"))
    pixmill("upload", long)
    assert pixmill("download", ID).code == 0
    assert len(list(file.parent.glob("產品*-output.csv"))) == 1
