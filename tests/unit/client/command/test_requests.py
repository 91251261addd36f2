"""R28: requests from a terminal: uploaded, watched, looked at, changed."""

import json
import resource
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pixmill.testing import FakePixmill
from python_calamine import CalamineWorkbook

from tests.unit.client.command.conftest import ID, Pixmill, Ran, Start

B, C = "https://shop.example/b.jpg", "https://shop.example/c.jpg"
COLUMNS = '{"image_urls": ["Input Image Urls"]}'


def lines(ran: Ran) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.out.splitlines()]


def kinds(ran: Ran) -> list[str]:
    return [line["kind"] for line in lines(ran)]


def test_an_upload_says_its_id_and_how_to_go_on(pixmill: Pixmill, file: Path, server: FakePixmill) -> None:
    ran = pixmill("upload", file)
    assert (ran.code, ran.out) == (0, f"{ID}  products.csv: Accepted 2 products, 3 images.\n")
    assert ran.err.splitlines()[0] == f"products.csv: sending 136 B to {server.url}"
    assert f"{server.url}/#/requests/{ID}" in ran.err
    assert f"pixmill watch {ID}" in ran.err


def test_options_reach_the_server(pixmill: Pixmill, file: Path, server: FakePixmill) -> None:
    options = [
        "--webhook",
        "https://shop.example/hook",
        "--quality",
        "70",
        "--format",
        "webp",
        "--priority",
        "bulk",
        "--skip-invalid",
    ]
    assert pixmill("upload", file, *options, "--columns", COLUMNS, "--encoding", "gbk").code == 0
    assert server.uploads[0].fields == {
        "webhook_url": "https://shop.example/hook",
        "quality": "70",
        "format": "webp",
        "priority": "bulk",
        "on_invalid": "skip",
        "columns": COLUMNS,
        "encoding": "gbk",
    }


def test_watching_ends_with_what_came_out(pixmill: Pixmill, file: Path) -> None:
    ran = pixmill("upload", file, "--watch", "--output", "out.csv")
    assert ran.code == 0
    assert "completed: 3 of 3 images made smaller, 3.0 kB became" in ran.out
    assert ran.out.endswith("written: out.csv\n")
    assert (
        (file.parent / "out.csv")
        .read_text()
        .startswith("S. No.,Product Name,Input Image Urls,Output Image Urls")
    )


def test_failed_images_are_an_exit_code_of_their_own(
    pixmill: Pixmill, file: Path, server: FakePixmill
) -> None:
    server.fail(C)
    ran = pixmill("upload", file, "--watch")
    assert ran.code == 3
    assert ", in 30 s\n" in ran.out
    assert "1 image failed: http_404: The fake server" in ran.out
    assert f"  whoever serves these images has to mend it; then pixmill retry {ID}\n" in ran.err
    assert f"    what to do: {server.url}/failures/http_404\n" in ran.err
    for command in ("watch", "status"):
        assert pixmill(command, ID).code == 3
    assert f"{C}\n    http_404: " in pixmill("status", ID, "--failed").out
    server.mend(C)
    retried = pixmill("retry", ID, "--watch")
    assert (retried.code, ", in " in retried.out) == (0, False)


def test_a_refused_file_is_told_cell_by_cell_and_the_next_is_uploaded(
    pixmill: Pixmill, file: Path, server: FakePixmill
) -> None:
    wrong = file.with_name("wrong.csv")
    wrong.write_bytes(file.read_bytes().replace(b"https://shop.example/c", b"htp://x\x1b[31m"))
    ran = pixmill("upload", wrong, file)
    assert ran.code == 1
    table = ran.out.splitlines()
    assert table[0].split() == ["row", "column", "value", "what", "what", "to", "do"]
    assert table[1].startswith("3    Input Image Urls  'htp://x\\x1b[31m.jpg'")
    assert table[2] == f"{ID}  products.csv: Accepted 2 products, 3 images."
    assert "error: Row 3: invalid_url." in ran.err
    assert "pixmill validate FILE --fix marked.csv" in ran.err


def test_the_same_file_is_a_new_request_once_the_first_was_answered(
    pixmill: Pixmill, file: Path, server: FakePixmill
) -> None:
    first, second = (pixmill("upload", file) for _ in range(2))
    assert "was uploaded before" not in first.err
    assert f"The same file was uploaded before, as {ID}: this makes a second request." in second.err
    (third,) = lines(pixmill("upload", file, "--json"))
    assert third["uploaded_before"] == f"{ID[:-1]}1"
    assert lines(pixmill("upload", file, "--quality", "70", "--json"))[0]["uploaded_before"] is None
    keys = [each.idempotency_key for each in server.uploads]
    assert len(set(keys)) == 4
    assert len(server.world.requests) == 4


def test_an_upload_that_was_cut_off_goes_on_as_the_same_request(
    pixmill: Pixmill, file: Path, server: FakePixmill
) -> None:
    """The server accepts it each time, and each time its answer is lost."""
    server.cut_next(times=3)
    cut = pixmill("upload", file)
    assert cut.code == 1
    assert "broke" in cut.err
    assert cut.err.endswith(
        "Once the server answers, the same command again goes on with the same request.\n"
    )
    again = pixmill("upload", file)
    assert again.code == 0
    assert "goes on with the same request" in again.err
    assert len({each.idempotency_key for each in server.uploads}) == 1
    assert len(server.world.requests) == 1


def test_where_no_key_can_be_kept_no_repeat_is_called_the_same_request(
    pixmill: Pixmill, file: Path, server: FakePixmill, home: Path
) -> None:
    """As in a folder that `sudo -E pixmill upload` made, or on a full disk."""
    (home / ".local").write_bytes(b"")
    unkept = f"Its key cannot be kept ({home}/.local/state/pixmill: Not a directory): if it is cut off, "
    server.cut_next(times=3)
    cut = pixmill("upload", file)
    assert unkept in cut.err
    assert cut.err.endswith("whether it was accepted; the same command again makes a second request.\n")
    assert pixmill("upload", file).code == 0
    assert len(server.world.requests) == 2


def test_other_options_are_another_request(pixmill: Pixmill, file: Path, server: FakePixmill) -> None:
    server.cut_next(times=3)
    pixmill("upload", file)
    assert pixmill("upload", file, "--quality", "70").code == 0
    assert len({each.idempotency_key for each in server.uploads}) == 2


def test_where_nothing_came_out_nothing_is_offered(pixmill: Pixmill, file: Path, server: FakePixmill) -> None:
    for url in ("https://shop.example/a.jpg", "https://shop.example/b.jpg", C):
        server.fail(url)
    ran = pixmill("upload", file, "--watch")
    assert ran.code == 3
    assert "0 of 3 images made smaller" in ran.out
    assert "what came out" not in ran.err


def test_a_retry_is_offered_where_it_alone_may_help_and_else_whoever_can_mend_it(
    pixmill: Pixmill, file: Path, server: FakePixmill
) -> None:
    server.fail(C, "timed_out")
    assert f"\n  may come the next time: pixmill retry {ID}\n" in pixmill("upload", file, "--watch").err
    server.fail("https://shop.example/a.jpg", "blocked_address")
    server.fail("https://shop.example/b.jpg", "crashed_decoder")
    pixmill("retry", ID)
    notes = pixmill("watch", ID).err.splitlines()
    assert f"  timed_out: may come the next time: pixmill retry {ID} --code timed_out" in notes
    assert any(line.startswith("  blocked_address: mend their addresses") for line in notes)
    assert f"  crashed_decoder: tell the operator of Pixmill, with the id {ID}" in notes
    assert any("ALLOW_HOSTS" in line for line in notes)
    assert sum(line.startswith("  timed_out: ") for line in notes) == 1


def test_a_retry_takes_in_what_failed_with_some_codes_alone(
    pixmill: Pixmill, file: Path, server: FakePixmill
) -> None:
    for url, code in ((C, "timed_out"), ("https://shop.example/a.jpg", "http_404"), (B, "http_503")):
        server.fail(url, code)
    pixmill("upload", file)
    for url in server.world.failing.copy():
        server.mend(url)
    assert pixmill("retry", ID, "--code", "timed_out", "--code", "http_503", "--watch").code == 3
    assert "2 of 3 images made smaller" in pixmill("watch", ID).out
    assert "1 image failed: http_404" in pixmill("status", ID).out
    assert pixmill("retry", ID, "--code", "dns_failed").code == 1
    assert pixmill("retry", ID, "--watch").code == 0


def test_what_nobody_has_to_mend_is_not_offered_for_a_retry(
    pixmill: Pixmill, file: Path, server: FakePixmill
) -> None:
    server.fail(C, "blocked_address")
    assert "pixmill retry" not in pixmill("upload", file, "--watch").err


def test_validate_writes_the_marked_file(pixmill: Pixmill, file: Path) -> None:
    assert pixmill("validate", file).out == "products.csv: valid, 2 products, 3 images\n"
    file.write_bytes(file.read_bytes().replace(b"https://shop.example/c", b"htp://x"))
    ran = pixmill("validate", file, "--fix", "marked.csv")
    assert ran.code == 1
    assert "Written: marked.csv" in ran.err
    marked = (file.parent / "marked.csv").read_text()
    assert marked.splitlines()[0].endswith(",Error,Suggestion")


def test_a_marked_file_that_finds_no_room_leaves_nothing_behind(start: Start, file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"https://shop.example/c", b"htp://x"))
    no_room = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (0, 0))
    process = start("validate", file, "--fix", "marked.csv", preexec_fn=no_room)
    _, told = process.communicate()
    assert told.endswith(b"error: marked.csv: File too large.\n")
    assert list(file.parent.glob("marked.csv*")) == []


def test_no_marked_file_is_offered_or_written_where_no_row_is_wrong(pixmill: Pixmill, file: Path) -> None:
    file.write_bytes(b"a,b\r\n1,2\r\n")
    for command in ("upload", "validate"):
        ran = pixmill(command, file)
        assert ran.code == 1
        assert "missing_column" in ran.out
        assert "--fix" not in ran.err
        assert """--columns '{"product_name": "Title", "image_urls": ["Picture"]}'""" in ran.err
    ran = pixmill("validate", file, "--fix", "marked.csv")
    assert ran.code == 1
    assert "There is no row to be marked, so marked.csv is not written.\n  Where the file" in ran.err
    assert not (file.parent / "marked.csv").exists()


def test_downloads_are_whole_and_the_second_time_there_is_nothing_to_do(pixmill: Pixmill, file: Path) -> None:
    pixmill("upload", file)
    ran = pixmill("download", ID, "--images", "pictures")
    assert ran.out.splitlines() == ["written: products-output.csv", "3 images fetched into pictures, 306 B"]
    names = sorted(each.name for each in (file.parent / "pictures").iterdir())
    assert names == ["00001-a.jpg", "00002-b.jpg", "00003-c.jpg"]
    again = pixmill("download", ID, "--images", "pictures")
    assert "0 images fetched into pictures, 3 were there already" in again.out
    assert pixmill("download", ID, "-o", "-").out.startswith("S. No.,")
    both = pixmill("download", ID, "-o", "-", "--json")
    assert (both.code, kinds(both)) == (2, ["error"])


def test_what_has_not_ended_is_not_downloaded_and_how_to_wait_for_it_is_told(
    pixmill: Pixmill, file: Path, server: FakePixmill
) -> None:
    server.hold()
    pixmill("upload", file)
    ran = pixmill("download", ID, "--images", "pictures")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines() == [
        "error: The request is still processing: nothing is there to be fetched yet.",
        f"  `pixmill watch {ID}` waits for its end.",
    ]
    assert not (file.parent / "pictures").exists()


def test_a_name_that_says_so_makes_the_output_a_workbook(pixmill: Pixmill, file: Path) -> None:
    pixmill("upload", file, "--output", "now.xlsx")
    assert pixmill("download", ID, "-o", "later.xlsx").out == "written: later.xlsx\n"
    for name in ("now.xlsx", "later.xlsx"):
        rows = CalamineWorkbook.from_path(str(file.parent / name)).get_sheet_by_index(0).to_python()
        assert rows[0] == ["S. No.", "Product Name", "Input Image Urls", "Output Image Urls"]
        assert [row[1] for row in rows[1:]] == ["Teapot", "Lamp"]


def test_the_rows_that_failed_come_back_to_be_mended(
    pixmill: Pixmill, file: Path, server: FakePixmill
) -> None:
    pixmill("upload", file)
    assert "No image failed" in pixmill("download", ID, "--failed", "failed.csv").err
    assert not (file.parent / "failed.csv").exists()
    server.fail(C)
    pixmill("upload", file)
    second = f"{ID[:-1]}1"
    ran = pixmill("download", second, "--failed", "failed.csv", "--json")
    assert [line["path"] for line in lines(ran)] == ["products-output.csv", "failed.csv"]
    head, row = (file.parent / "failed.csv").read_text().splitlines()
    assert head == "S. No.,Product Name,Input Image Urls,Error,Suggestion"
    assert row.startswith(f"2,Lamp,{C},http_404,")
    ran = pixmill("download", second, "--failed", "to be mended.csv")
    assert "pixmill upload 'to be mended.csv'" in ran.err


def test_a_full_disk_leaves_nothing_half_under_its_name(
    pixmill: Pixmill, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixmill("upload", file)
    ran = pixmill("download", ID, "-o", "/dev/full/x.csv")
    assert (ran.code, "error: /dev/full/x.csv" in ran.err) == (1, True)
    full = file.parent / "full.csv.part"
    full.symlink_to("/dev/full")
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
    ran = pixmill("download", ID, "-o", "full.csv")
    assert ran.code == 1
    assert "No space left on device" in ran.err
    assert "run the same command again" in ran.err
    assert not (file.parent / "full.csv").exists()


def test_changes_and_the_list(pixmill: Pixmill, file: Path, server: FakePixmill) -> None:
    server.hold()
    pixmill("upload", file)
    table = pixmill("list").out.splitlines()
    assert table[0].split() == ["id", "state", "done", "failed", "uploaded", "file"]
    assert table[1].startswith(f"{ID}  processing  0 of 3          ")
    assert pixmill("cancel", ID).out.startswith("cancelled; ")
    assert pixmill("list", "--state", "completed").err.startswith("There is none.")
    assert pixmill("open", ID).out == f"{server.url}/#/requests/{ID}\n"
    assert pixmill("delete", ID).code == 2
    assert pixmill("delete", ID, "--yes").code == 0
    gone = pixmill("status", ID)
    assert (gone.code, "`pixmill list`" in gone.err) == (1, True)
    assert "one that was deleted, or whose time is over, is gone" in " ".join(gone.err.split())


def test_the_list_does_not_say_of_failed_images_that_all_is_done(
    pixmill: Pixmill, file: Path, server: FakePixmill
) -> None:
    server.fail(C)
    pixmill("upload", file)
    assert pixmill("list").out.splitlines()[1].split()[:6] == [ID, "completed", "2", "of", "3", "1"]
    assert pixmill("status", ID).out.startswith(
        "completed  products.csv\n  2 products, 3 images: 2 done, 1 failed\n"
    )


def test_json_is_one_object_a_line_and_nothing_else(
    pixmill: Pixmill, file: Path, server: FakePixmill
) -> None:
    server.fail(C)
    ran = pixmill("upload", file, "--watch", "--output", "out.csv", "--json")
    assert (ran.code, ran.err) == (3, "")
    assert kinds(ran) == ["accepted", "progress", "ended", "saved"]
    accepted, _, ended, _ = lines(ran)
    assert (accepted["request_id"], accepted["file"]) == (ID, "products.csv")
    assert ended["request"]["counts"]["failed"] == 1
    for arguments, expected in {
        ("status", ID, "--failed"): ["request", "image"],
        ("list",): ["request"],
        ("download", ID, "--images", "pictures"): ["saved"] * 3,
        ("validate", file): ["judgement"],
        ("open", ID): ["page"],
        ("cancel", ID): ["error"],
        ("delete", ID, "--yes"): ["deleted"],
        ("watch", ID): ["error"],
    }.items():
        assert kinds(pixmill("--json", *arguments)) == expected, arguments
    error = lines(pixmill("status", ID, "--json"))[0]
    assert error["error"] == "Request ID not found"
    assert (error["exit_code"], error["problem"]["status"]) == (1, 404)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_json_is_json_in_whatever_letters_standard_output_has(
    start: Start, file: Path, encoding: str
) -> None:
    odd = file.rename(file.with_name("größer \U0001f600 \x7f.csv"))
    process = start("upload", odd, "--json", variables={"PYTHONIOENCODING": encoding})
    out, _ = process.communicate()
    assert json.loads(out.decode(encoding))["file"] == odd.name


def test_an_invalid_file_in_json_has_all_of_its_errors(pixmill: Pixmill, file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"https://shop.example/c", b"htp://x"))
    (judgement,) = lines(pixmill("validate", file, "--json"))
    assert (judgement["valid"], judgement["errors"][0]["code"]) == (False, "invalid_url")
    (error,) = lines(pixmill("upload", file, "--json"))
    assert error["problem"]["errors"][0]["value"] == "htp://x.jpg"
