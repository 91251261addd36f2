"""The files of a request by their addresses: which are served, to whom, as what, and which never."""

import httpx
import pytest

from shared.contract.picture_formats import PictureFormat
from tests.worlds.services.status_world import CREATED, EXPIRES, StatusWorld

OUTPUT = "output/0-0123456789abcdef0123456789abcdef.jpg"
ORIGINAL = "original/0-0123456789abcdef0123456789abcdef.png"


async def test_an_output_is_served_to_anyone_who_knows_its_key(world: StatusWorld) -> None:
    """R07"""
    request_id = await world.add_request(expires_at=EXPIRES)
    key = f"requests/{request_id}/{OUTPUT}"
    world.store.objects[key] = b"\xff" * 100_000
    transport = httpx.ASGITransport(world.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside") as nobody:
        answer = await nobody.get(f"/v1/files/{key}")
        head = await nobody.head(f"/v1/files/{key}")
    assert (answer.status_code, answer.content) == (200, b"\xff" * 100_000)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "100000", b"")


async def test_an_original_needs_its_tenants_key(world: StatusWorld) -> None:
    """R07 R20"""
    request_id = await world.add_request()
    key = f"requests/{request_id}/{ORIGINAL}"
    world.store.objects[key] = b"png"
    transport = httpx.ASGITransport(world.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside") as nobody:
        assert (await nobody.get(f"/v1/files/{key}")).status_code == 401
    assert (await world.get(f"/v1/files/{key}", tenant="stranger")).status_code == 404
    answer = await world.get(f"/v1/files/{key}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["cache-control"].startswith("private")


MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "tiff": "image/tiff",
    "avif": "image/avif",
}


async def test_every_format_that_is_stored_is_served_as_what_it_is(world: StatusWorld) -> None:
    """R07: a browser shows nothing of a file that is said to be some bytes."""
    request_id = await world.add_request()
    assert MEDIA_TYPES.keys() == {each.extension for each in PictureFormat}
    for extension, media_type in MEDIA_TYPES.items():
        key = f"requests/{request_id}/output/0-0123456789abcdef0123456789abcdef.{extension}"
        world.store.objects[key] = b"a picture"
        answer = await world.get(f"/v1/files/{key}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)


@pytest.mark.parametrize("ended", ["deleted_at = now()", "expires_at = now() - interval '1 second'"])
async def test_files_of_a_deleted_or_expired_request_are_not_found(world: StatusWorld, ended: str) -> None:
    """R22"""
    request_id = await world.add_request()
    world.store.objects[f"requests/{request_id}/{OUTPUT}"] = b"jpg"
    await world.update(request_id, ended)
    assert (await world.get(f"/v1/files/requests/{request_id}/{OUTPUT}")).status_code == 404


@pytest.mark.parametrize(
    "key",
    [
        "requests/{}/source.csv",
        "requests/{}/rows.ndjson",
        "requests/{}/request.json",
        "requests/{}/output-1.csv",
        "requests/{}/output/../source.csv",
        "requests/{}/output/..%2Fsource.csv",
        "requests/{}/output/0-0123456789abcdef0123456789abcdef.jpg%00",
        "requests/{}/output/0-0123456789abcdef0123456789abcdef.svg",
        "../requests/{}/output/0-0123456789abcdef0123456789abcdef.jpg",
        "%2E%2E/requests/{}/source.csv",
        "/requests/{}/output/0-0123456789abcdef0123456789abcdef.jpg",
        "idempotency/x/y.json",
        "",
    ],
)
async def test_no_other_key_is_ever_served(world: StatusWorld, key: str) -> None:
    """R20"""
    request_id = await world.add_request()
    for name in (
        "source.csv",
        "rows.ndjson",
        "request.json",
        "output-1.csv",
        OUTPUT,
        OUTPUT.replace("jpg", "svg"),
    ):
        world.store.objects[f"requests/{request_id}/{name}"] = b"secret"
    answer = await world.get(f"/v1/files/{key.format(request_id)}")
    assert answer.status_code == 404
    assert b"secret" not in answer.content


async def test_an_output_csv_keeps_the_name_it_was_uploaded_under(world: StatusWorld) -> None:
    request_id = await world.add_request(
        state="completed",
        completed_at=CREATED,
        filename='naïve\r\n"x".csv',
        output_csv_path="requests/x/output-1.csv",
    )
    world.store.objects["requests/x/output-1.csv"] = b""
    answer = await world.get(f"/download/{request_id}")
    assert answer.status_code == 200
    name = answer.headers["content-disposition"]
    assert name == (
        "attachment; filename=\"output-na_ve___x_.csv\"; filename*=UTF-8''output-na%C3%AFve__%22x%22.csv"
    )
