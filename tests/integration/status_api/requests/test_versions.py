"""What the caller knows already is neither sent nor rendered again; what was just written is shown."""

from itertools import chain

import pytest

from services.status.reading.reader import PAGE_IMAGES
from tests.worlds.services.status_world import CREATED, StatusWorld, calling, new_id, served


async def test_the_entity_tag_answers_304_until_something_happens(world: StatusWorld) -> None:
    request_id = await world.add_with_images(["done", "planned", "planned"])
    await world.update(request_id, "done = 1, run_started_at = now() - interval '1 minute'")
    path = f"/v1/requests/{request_id}"
    tag = (await world.get(path)).headers["etag"]
    # The estimate of the remaining time moves; nothing else does.
    await world.update(request_id, "run_started_at = now() - interval '2 minutes'")
    known = await world.get(path, headers={"If-None-Match": tag})
    assert (known.status_code, known.content) == (304, b"")
    await world.update(request_id, "done = 2")
    assert (await world.get(path, headers={"If-None-Match": tag})).status_code == 200


READ_PATHS = ["/v1/requests", "/v1/events", "/status/{}", "/api/status/{}/"]
READ_PATHS += [f"/v1/requests/{{}}{part}" for part in ("", "/images", "/deliveries", "/events")]


@pytest.mark.parametrize("path", READ_PATHS)
async def test_whatever_can_be_read_answers_head_with_the_same_head(world: StatusWorld, path: str) -> None:
    request_id = await world.add_request(state="completed", completed_at=CREATED)
    headers = {"X-API-Key": world.tenant}
    async with served(world.app) as address, calling(address, headers) as client:
        whole = await client.get(path.format(request_id))
        head = await client.head(path.format(request_id))
        unknown = await client.head(path.format(new_id()))
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag", "cache-control"):
        assert head.headers.get(name) == whole.headers.get(name)
    assert unknown.status_code == (404 if "{}" in path else 200)


@pytest.mark.parametrize("path", READ_PATHS[:-1])
async def test_nothing_that_is_known_is_sent_again(world: StatusWorld, path: str) -> None:
    """R05"""
    request_id = await world.add_request(state="completed", completed_at=CREATED)
    await world.add_completion(request_id, {"run": 1})
    tag = (await world.get(path.format(request_id))).headers["etag"]
    known = await world.get(path.format(request_id), headers={"If-None-Match": tag})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)


@pytest.mark.parametrize("path", ["/status/{}", "/api/status/{}/"])
async def test_a_spelling_renders_its_arrays_once_for_each_version_of_the_images(
    world: StatusWorld, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R05"""
    request_id = await world.add_with_images(["done", "planned"])
    await world.update(request_id, "planned_images = 2, next_ordinal = 1, done = 1")
    first = await world.get(path.format(request_id))
    with monkeypatch.context() as patch:
        patch.setattr(world.deps.reader, "image_pages", None)  # neither asked for nor rendered again
        await world.add_delivery(request_id)
        await world.update(request_id, "webhook_url = 'https://shop.example/hook'")
        again = await world.get(path.format(request_id))
        known = await world.get(path.format(request_id), headers={"If-None-Match": again.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert again.json() == first.json() | {"webhook": again.json()["webhook"]}
    assert again.json()["webhook"]["url"] == "https://shop.example/hook"
    await world.pool.execute(
        "UPDATE images SET state = 'requested', attempt = 1 WHERE request_id = $1 AND ordinal = 1", request_id
    )
    await world.update(request_id, "next_ordinal = 2")
    tag = {"If-None-Match": again.headers["etag"]}
    assert (await world.get(path.format(request_id), headers=tag)).status_code == 200


async def test_a_spelling_shows_what_was_written_just_before(world: StatusWorld) -> None:
    request_id = await world.add_with_images(["planned", "planned", "planned"])
    await world.update(request_id, "planned_images = 3")
    for ordinal in range(3):
        await world.pool.execute(
            "UPDATE images SET state = 'done', output_url = 'https://o/' || ordinal"
            " WHERE request_id = $1 AND ordinal = $2",
            request_id,
            ordinal,
        )
        await world.update(request_id, "done = done + 1")
        (product,) = (await world.get(f"/api/status/{request_id}")).json()["products"]
        shown = [f"https://o/{n}" if n <= ordinal else None for n in range(3)]
        assert product["outputImageUrls"] == shown


async def test_snake_and_camel_stream_a_large_request_whole(world: StatusWorld) -> None:
    """R11"""
    images = 2 * PAGE_IMAGES + 100  # products of 3 images, so that pages cut through products
    request_id = await world.add_request(state="processing", products=(images + 2) // 3, images=images)
    await world.pool.execute(
        "INSERT INTO products (request_id, number, id, row_number, serial_number, name, cells, first_ordinal,"
        " images) SELECT $1, n, gen_random_uuid(), n + 2, n::text, 'p', '[]', n * 3, 3"
        " FROM generate_series(0, $2) n",
        request_id,
        images // 3,
    )
    await world.pool.execute(
        "INSERT INTO images (request_id, ordinal, id, product_number, product_id, input_url)"
        " SELECT $1, n, gen_random_uuid(), n / 3, gen_random_uuid(), 'https://a/' || n"
        " FROM generate_series(0, $2 - 1) n",
        request_id,
        images,
    )
    head = await world.client().head(f"/status/{request_id}")
    assert (head.status_code, head.content) == (200, b"")
    snake = (await world.get(f"/status/{request_id}")).json()
    assert [image["input_url"] for image in snake["images"]] == [f"https://a/{n}" for n in range(images)]
    camel = (await world.get(f"/api/status/{request_id}")).json()
    for products, key in ((snake["products"], "input_image_urls"), (camel["products"], "inputImageUrls")):
        urls = [product[key] for product in products]
        assert [len(part) for part in urls[:-1]] == [3] * (len(urls) - 1)
        assert list(chain.from_iterable(urls)) == [f"https://a/{n}" for n in range(images)]
