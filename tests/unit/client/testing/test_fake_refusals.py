"""The fake server refuses what the real one does: each case is put to both, and both say the same."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from pixmill import Client, ConflictError, InvalidRequestError, NotFoundError, RefusedError, Upload
from pixmill.testing import FakePixmill
from pixmill.testing.codes import is_known
from pydantic import TypeAdapter, ValidationError

from services.ingest.acceptance.ledger import ANOTHER_UPLOAD, misused
from services.ingest.api.idempotency_key import invalid_key, require_key
from services.ingest.csv_file.encodings.names import PUBLIC_NAMES
from services.ingest.form.form import FormField
from services.ingest.form.options import read_options
from services.ingest.form.refusals import not_a_form
from services.status.api.actions import HAS_ENDED, NOT_ALL_HAD_TURNS, NOTHING_TO_DELIVER, NOTHING_TO_RETRY
from services.status.api.answers.refusals import conflict, range_behind_end, unknown_cursor
from services.status.api.parameters import code_of, page_too_large
from services.status.records.states import ImageState
from shared.contract.codes import FailureCode
from shared.contract.events import RequestState
from shared.outbound.addresses import Networks
from shared.web.problems import Problem, invalid_request, request_not_found
from tests.unit.client.conftest import PRODUCTS

Fields = Mapping[str, str]
A, C = "https://shop.example/a.jpg", "https://shop.example/c.jpg"

TAKEN: tuple[Fields, ...] = (
    {},
    {"format": "WebP", "priority": "", "on_invalid": " skip ", "quality": "095"},
    {"webhook_url": "https://shop.example:8443/hook?a=b"},
    {"webhook_url": "https://8.8.8.8/hook"},
    {"columns": '{"image_urls": ["Input Image Urls"], "serialNumber": null}'},
    *({"encoding": name} for name in (*PUBLIC_NAMES, "ANSI", "latin1", "Windows-31J", "utf8-bom")),
)
REFUSED: tuple[Fields, ...] = (
    *({"format": text} for text in ("jpg", "gif", "webp2")),
    *({"priority": text} for text in ("urgent", "1")),
    {"on_invalid": "ignore"},
    *({"quality": text} for text in ("0", "96", "high", "5.5", "-1", "0050", "\u0665")),
    *({"columns": text} for text in ("{", "[]", "5", '{"picture": ["X"]}', '{"serial_number": 5}')),
    *({"columns": text} for text in ('{"productName": ["a"]}', '{"image_urls": 5}', '{"imageUrls": [5]}')),
    {"webhook_url": "https://shop.example/" + "a" * 2048},
    *(
        {"webhook_url": url}
        for url in (
            *("shop.example/hook", "ftp://shop.example", "mailto:a@shop.example", "https://", "https://[::1"),
            *("https://shop example/", "https://shop.example\\hook", "https://shop.example:0/"),
            *("https://https://shop.example", "http://shop.example/hook", "http://127.0.0.1:9000/"),
            *("https://127.0.0.1/", "https://192.168.1.5/hook", "https://[::1]/", "https://169.254.169.254/"),
            *("https://134744072/", "https://8.8.2056/", "https://0x8.8.8.8/", "https://8.8.8.8./"),
            *("https://127.1/", "https://0x7f000001/", "https://0177.0.0.1/", "https://256.1.1.1/"),
        )
    ),
)


def of_the_real_one(fields: Fields, allow: Networks = ()) -> Problem | None:
    try:
        read_options({FormField(name): text.strip() for name, text in fields.items()}, allow)
    except Problem as problem:
        return problem
    return None


def said(problem: Problem) -> tuple[int, dict[str, Any]]:
    return problem.status, problem.body()


def answered(response: httpx.Response) -> tuple[int, dict[str, Any]]:
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body.pop("x_request_id")
    return response.status_code, body


def post(server: FakePixmill, path: str, fields: Fields) -> httpx.Response:
    return httpx.post(f"{server.url}{path}", data=dict(fields), files={"file": ("a.csv", PRODUCTS)})


@pytest.mark.parametrize("fields", TAKEN, ids=str)
def test_options_that_are_taken(server: FakePixmill, fields: Fields) -> None:
    assert of_the_real_one(fields) is None
    assert [post(server, path, fields).status_code for path in ("/v1/requests", "/v1/validate")] == [202, 200]


@pytest.mark.parametrize("fields", REFUSED, ids=lambda fields: str(fields)[:60])
def test_options_that_are_refused(server: FakePixmill, fields: Fields) -> None:
    real = of_the_real_one(fields)
    assert real is not None
    for path in ("/v1/requests", "/v1/validate"):
        assert answered(post(server, path, fields)) == said(real)
    assert [upload.fields for upload in server.uploads] == [fields]
    assert server.world.requests == {}


def test_an_encoding_that_nobody_knows_is_refused(server: FakePixmill) -> None:
    real = of_the_real_one({"encoding": "klingon"})
    assert real is not None
    status, body = answered(post(server, "/v1/requests", {"encoding": "klingon"}))
    assert (status, body["type"], body["field"]) == (400, real.body()["type"], "encoding")
    assert real.error.startswith(body["error"]), "the real one lists them all"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/", "https://10.0.0.1/", "http://shop.example/"])
def test_networks_of_the_operator_s_own_are_allowed(url: str) -> None:
    networks: Networks = TypeAdapter(Networks).validate_python(["127.0.0.0/8", "10.0.0.0/8"])
    assert of_the_real_one({"webhook_url": url}, networks) is None
    with FakePixmill(allow_hosts=["127.0.0.0/8", "10.0.0.0/8"]) as server:
        assert post(server, "/v1/requests", {"webhook_url": url}).status_code == 202


@pytest.mark.parametrize(
    "url", ["https://192.168.1.5/", "http://8.8.8.8/", "http://127.1/", "http://8.8.2056/"]
)
def test_what_no_network_of_the_operator_has_is_refused_meanwhile(url: str) -> None:
    networks: Networks = TypeAdapter(Networks).validate_python(["127.0.0.0/8"])
    real = of_the_real_one({"webhook_url": url}, networks)
    assert real is not None
    with FakePixmill(allow_hosts=["127.0.0.0/8"]) as server:
        assert answered(post(server, "/v1/requests", {"webhook_url": url})) == said(real)


def test_what_is_no_form_or_has_no_file_is_refused(server: FakePixmill) -> None:
    url = f"{server.url}/v1/requests"
    assert answered(httpx.post(url, json={"file": "x"})) == said(not_a_form())
    empty = httpx.post(url, files={"csv": ("a.csv", PRODUCTS), "quality": (None, b"50")})
    status, body = answered(empty)
    assert (status, body["type"], body["field"]) == (400, "/problems/invalid-form", "file")
    assert body["error"].endswith("in a field named 'file'. It holds 'csv', 'quality'.")


@pytest.mark.parametrize("key", ["", "a\tb", "a" * 256])
def test_a_key_that_can_be_none_is_refused(server: FakePixmill, key: str) -> None:
    with pytest.raises(Problem) as raised:
        require_key([key])
    headers = {"idempotency-key": key}
    response = httpx.post(f"{server.url}/v1/requests", files={"file": ("a.csv", PRODUCTS)}, headers=headers)
    assert answered(response) == said(raised.value) == said(invalid_key())


def test_a_key_is_that_of_one_upload_alone(client: Client) -> None:
    first = client.upload(PRODUCTS, idempotency_key="a")
    assert client.upload(PRODUCTS, idempotency_key="a").id == first.id
    for content, options in ((PRODUCTS + PRODUCTS[-40:], Upload()), (PRODUCTS, Upload(quality=70))):
        with pytest.raises(InvalidRequestError) as raised:
            client.upload(content, options, idempotency_key="a")
        assert_same(raised.value, misused(ANOTHER_UPLOAD))


def assert_same(raised: RefusedError, real: Problem) -> None:
    told = {name: value for name, value in raised.problem.items() if name != "x_request_id"}
    assert (raised.status, told) == said(real)


def unknown_state(states: type[RequestState] | type[ImageState]) -> Problem:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(states).validate_python("done!")
    return invalid_request(f"state: {raised.value.errors()[0]['msg']}")


def test_a_state_that_there_is_not_is_refused(client: Client, server: FakePixmill) -> None:
    id_ = client.upload(PRODUCTS).id
    for ask, states in (
        (client.requests, RequestState),
        (lambda state: client.images(id_, state), ImageState),
    ):
        with pytest.raises(InvalidRequestError) as raised:
            list(ask("done!"))
        assert_same(raised.value, unknown_state(states))
        for state in states:
            list(ask(state))


@pytest.mark.parametrize("path", ["/v1/requests", "/v1/requests/{id}/images", "/v1/events"])
def test_a_page_that_can_be_none_is_refused(client: Client, server: FakePixmill, path: str) -> None:
    url = server.url + path.format(id=client.upload(PRODUCTS).id)
    assert answered(httpx.get(url, params={"limit": 1001})) == said(page_too_large())
    for limit in ("0", "many"):
        status, body = answered(httpx.get(url, params={"limit": limit}))
        assert (status, body["error"][:23]) == (400, "limit: Input should be ")


def test_a_cursor_that_nobody_gave_is_refused(client: Client, server: FakePixmill) -> None:
    assert answered(httpx.get(f"{server.url}/v1/requests?cursor=x")) == said(unknown_cursor())
    with pytest.raises(InvalidRequestError) as raised:
        list(client.events("x"))
    assert_same(raised.value, unknown_cursor())


def test_what_fits_no_state_is_a_conflict(client: Client, server: FakePixmill) -> None:
    server.fail(C, "timed_out")
    ended = client.upload(PRODUCTS).id
    server.hold()
    running = client.upload(PRODUCTS).id
    stopped = client.upload(PRODUCTS).id
    assert client.cancel(stopped).state == client.cancel(stopped).state == "cancelled"
    refused: Mapping[Callable[[], object], str] = {
        lambda: client.cancel(ended): HAS_ENDED,
        lambda: client.retry(running): NOTHING_TO_RETRY,
        lambda: client.retry(stopped, ["timed_out"]): NOT_ALL_HAD_TURNS,
        lambda: client.retry(ended, ["dns_failed"]): (
            "No image of it failed with dns_failed; its codes are timed_out."
        ),
        lambda: client.redeliver(ended): NOTHING_TO_DELIVER,
    }
    for call, error in refused.items():
        with pytest.raises(ConflictError) as raised:
            call()
        assert_same(raised.value, conflict(error))
    assert client.retry(ended).run == client.retry(ended).run == 2, "asked again it begins no other"


def test_a_webhook_can_be_sent_again_once_the_request_has_ended(client: Client) -> None:
    told = client.upload(PRODUCTS, Upload(webhook_url="https://shop.example/hook")).id
    assert client.redeliver(told).id == told


def test_a_code_that_there_is_not_is_refused(client: Client, server: FakePixmill) -> None:
    server.fail(C, "of_my_own")
    ended = client.upload(PRODUCTS).id
    with pytest.raises(Problem) as real:
        code_of("teapot")
    with pytest.raises(InvalidRequestError) as raised:
        client.retry(ended, ["teapot"])
    assert_same(raised.value, real.value)
    assert client.retry(ended, ["of_my_own"]).run == 2
    assert all(map(is_known, FailureCode))


def test_what_is_not_there_is_not_found(client: Client, server: FakePixmill) -> None:
    ended = client.upload(PRODUCTS).id
    client.delete(ended)
    with pytest.raises(NotFoundError) as raised:
        client.request(ended)
    assert_same(raised.value, request_not_found())
    nothing = answered(httpx.get(f"{server.url}/v1/nothing"))
    assert nothing == said(Problem(404, "not-found", "Not Found", "Not Found"))
    other = answered(httpx.delete(f"{server.url}/v1/requests"))
    assert other == said(Problem(405, "method-not-allowed", "Method Not Allowed", "Method Not Allowed"))


def test_a_range_behind_the_end_is_refused(client: Client, server: FakePixmill) -> None:
    image = next(client.images(client.upload(PRODUCTS).id))
    assert image.bytes_out
    assert image.output_url
    behind = httpx.get(image.output_url, headers={"range": f"bytes={image.bytes_out}-"})
    assert answered(behind) == said(range_behind_end(image.bytes_out))


def test_a_key_may_come_as_a_bearer_token() -> None:
    with FakePixmill(api_key="pxm_right") as server:
        url = f"{server.url}/v1/requests"
        assert httpx.get(url, headers={"authorization": "Bearer pxm_right"}).status_code == 200
        status, body = answered(httpx.get(url))
        assert (status, body["type"], body["title"]) == (401, "/problems/unauthorized", "Unauthorized")
