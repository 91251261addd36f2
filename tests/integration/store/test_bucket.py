"""A bucket on a real S3 server that is not as it should be, and hosts that only claim to be one."""

import asyncio
import re
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import obstore
import pytest
from obstore.store import LocalStore

from shared.outcomes import Away
from shared.store import Missing, Refused, Store, open_store
from shared.store.bucket import BucketStore, in_one_line
from shared.store.parts import PART_BYTES
from tests.worlds.hosts.raw_server import raw_server, says
from tests.worlds.patience import until
from tests.worlds.servers.s3_server import S3Server

KEY = "requests/0193/original/0-abc.jpg"
LARGE_BYTES = 12_000_000  # above the size from which obstore uploads in parts


async def listed(store: Store) -> list[str]:
    return [key async for batch in store.list("requests/") for key in batch]


async def streamed(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def written(store: Store, key: str, size: int) -> None:
    async with store.writer(key) as writer:
        for _ in range(size // 1_000_000):
            await writer.write(bytes(1_000_000))


async def require_away(store: Store) -> None:
    for question in (
        lambda: store.get(KEY),
        lambda: store.size(KEY),
        lambda: streamed(store.stream(KEY)),
        lambda: store.put(KEY, b"x"),
        lambda: store.put_new(KEY, b"x"),
        lambda: written(store, KEY, LARGE_BYTES),
        lambda: listed(store),
        lambda: store.delete([KEY]),
        store.check,
    ):
        with pytest.raises(Away):
            await question()


async def test_a_large_object_is_uploaded_in_parts_and_streamed_back(s3_environment: S3Server) -> None:
    """R08"""
    s3_environment.make_bucket("large")
    store = open_store("s3://large")
    await written(store, KEY, LARGE_BYTES)
    assert await store.size(KEY) == LARGE_BYTES
    assert await streamed(store.stream(KEY)) == bytes(LARGE_BYTES)


def unfinished(bucket: Path) -> list[Path]:
    """Where versitygw keeps the parts of uploads that have not ended."""
    return [file for file in (bucket / ".sgwtmp").glob("multipart/*/*/*") if file.is_file()]


async def begun(store: Store, bucket: Path, then: Callable[[], Awaitable[object]]) -> None:
    async with store.writer(KEY) as writer:
        for _ in range(2 * LARGE_BYTES // 1_000_000):
            await writer.write(bytes(1_000_000))
        # S3 keeps a part that is still on its way when its upload is aborted.
        await until(lambda: len(unfinished(bucket)) == 2 * LARGE_BYTES // PART_BYTES)
        await then()


async def test_a_large_upload_that_fails_or_is_cancelled_leaves_no_parts(s3_environment: S3Server) -> None:
    bucket = s3_environment.make_bucket("given-up")
    store = open_store("s3://given-up")
    with pytest.raises(Missing):
        await begun(store, bucket, lambda: store.get("another"))
    assert unfinished(bucket) == []

    is_there = asyncio.Event()

    async def stays() -> None:
        is_there.set()
        await asyncio.Event().wait()

    uploading = asyncio.create_task(begun(store, bucket, stays))
    await is_there.wait()
    uploading.cancel()
    await asyncio.wait({uploading})
    assert uploading.cancelled()
    assert unfinished(bucket) == []
    assert await listed(store) == []


async def test_what_is_put_is_never_put_in_parts(s3_environment: S3Server) -> None:
    """However large: nobody would remove those that a crash left behind."""
    s3_environment.make_bucket("whole")
    store = open_store("s3://whole")
    assert isinstance(store, BucketStore)
    await store.put(KEY, bytes(LARGE_BYTES))
    await written(store, "requests/parts", 2 * LARGE_BYTES)
    tags = [(await obstore.head_async(store.store, key))["e_tag"] for key in (KEY, "requests/parts")]
    assert ["-" in str(tag) for tag in tags] == [False, True]  # S3 tells by it how many parts there were


async def test_keys_of_a_bucket_lie_below_the_prefix_of_the_setting(s3_environment: S3Server) -> None:
    bucket = s3_environment.make_bucket("prefixed")
    await open_store("s3://prefixed/a/b").put(KEY, b"x")
    assert (bucket / "a" / "b" / KEY).read_bytes() == b"x"


async def test_a_bucket_that_is_not_there_is_away_and_no_lost_object(s3_environment: S3Server) -> None:
    """R08: or every result would read as lost."""
    await require_away(open_store("s3://no-such-bucket"))


async def test_a_bucket_that_vanishes_is_away_and_comes_back(s3_environment: S3Server) -> None:
    bucket = s3_environment.make_bucket("vanishing")
    store = open_store("s3://vanishing")
    await store.put(KEY, b"x")
    shutil.rmtree(bucket)
    await require_away(store)
    bucket.mkdir()
    await store.check()
    with pytest.raises(Missing):
        await store.get(KEY)


async def test_wrong_credentials_are_away_and_fail_no_image(
    s3_environment: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R19: the operator mends them, and the work goes on."""
    s3_environment.make_bucket("denied")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    await require_away(open_store("s3://denied"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")  # to which versitygw says 404
    await require_away(open_store("s3://denied"))


async def test_why_a_bucket_refuses_is_told_in_one_line(
    s3_environment: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R19: the answer's first line says only that it is XML."""
    s3_environment.make_bucket("refusing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(Away) as away:
        await open_store("s3://refusing").check()
    assert re.search("403 Forbidden: SignatureDoesNotMatch: The request signature [^<\n]+$", str(away.value))
    assert "AWS4" not in str(away.value)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            "<?xml?>\n<Error><Code>AccessDenied</Code><Message>&quot;x&quot; may not</Message></Error>",
            'AccessDenied: "x" may not',
        ),
        (
            "\ufeff<?xml?><Error><Code>InvalidInput</Code><Message>It failed.\nTime:1</Message></Error>",
            "InvalidInput: It failed.",
        ),
        ("<Error><Code>SlowDown</Code></Error>", "SlowDown"),
        ("<html>\n<body>Bad gateway</body>", "<html>"),
        ("", ""),
    ],
)
def test_of_a_buckets_answer_its_code_and_message_are_told(answer: str, told: str) -> None:
    """As of S3, of Azure, and of what stands before them."""
    before = (
        "Error performing PUT http://s3/b/k in 1ms - Server returned non-2xx status code: 403 Forbidden: "
    )
    assert in_one_line(f"{before}{answer}\n\nDebug source:\nGeneric {{") == before + told


async def test_a_404_of_what_stands_before_the_store_is_away_and_no_lost_object(
    s3_environment: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R08, R19: as of an ingress whose backend is being replaced. Images that were put failed, and files that
    were read were lost.
    """
    page = b"<html>default backend - 404</html>"
    answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(page)

    async with raw_server(says(answer + page)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", str(server.url()).rstrip("/"))
        await require_away(open_store("s3://bucket"))


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (b"ExpiredToken", Away),
        (b"InvalidToken", Away),
        (b"AuthorizationHeaderMalformed", Away),
        (b"InvalidIdentityToken", Away),
        (b"InvalidAuthenticationInfo", Away),
        (b"InvalidBucketName", Away),
        (b"InvalidResourceName", Away),
        (b"KMS.DisabledException", Away),
        (b"KMS.NotFoundException", Away),
        (b"RequestTimeout", Away),
        (b"XMinioAdminBucketQuotaExceeded", Away),
        (b"InvalidArgument", Refused),
    ],
)
async def test_a_400_for_credentials_or_the_bucket_is_the_operators_to_mend(
    code: bytes, meaning: type[Exception], s3_environment: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R19: images failed for good when a temporary credential ended, or the key of the bucket's encryption
    was disabled, and what waited to be planned as source_missing.
    """
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>%s</Code></Error>' % code
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with raw_server(says(head + body)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", str(server.url()).rstrip("/"))
        store = open_store("s3://bucket")
        for question in (lambda: store.put(KEY, b"x"), lambda: store.get(KEY)):
            with pytest.raises(meaning):
                await question()


def conflict(code: bytes) -> bytes:
    body = b"<Error><Code>%s</Code></Error>" % code
    return b"HTTP/1.1 409 Conflict\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body


@pytest.mark.parametrize("code", [b"OperationAborted", b"ConditionalRequestConflict"])
async def test_a_conflict_with_another_operation_is_away(
    code: bytes, s3_environment: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R08, R19: as S3 says while a bucket is being changed. Every service ended by it, whatever it asked."""
    async with raw_server(says(conflict(code))) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", str(server.url()).rstrip("/"))
        await require_away(open_store("s3://bucket"))


async def test_a_409_that_says_so_is_an_object_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of Azure."""
    async with raw_server(says(conflict(b"BlobAlreadyExists"))) as server:
        monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", str(server.url()).rstrip("/"))
        monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
        monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "a2V5")
        assert await open_store("az://container").put_new(KEY, b"x") is False


async def test_a_400_to_whoever_asks_for_a_token_is_the_operators_to_mend(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R19: as of Azure and Google for a credential that was taken back."""
    body = b'{"error": "invalid_grant"}'
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with raw_server(says(head + body)) as server:
        monkeypatch.setenv("AZURE_AUTHORITY_HOST", str(server.url()).rstrip("/"))
        monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
        for name in ("CLIENT_ID", "CLIENT_SECRET", "TENANT_ID"):
            monkeypatch.setenv(f"AZURE_STORAGE_{name}", "any")
        with pytest.raises(Away):
            await open_store("az://container").put(KEY, b"x")


async def test_a_server_that_does_not_answer_is_away(
    s3_environment: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.store.bucket.STORE_TIMEOUT_SECONDS", 0.1)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    await require_away(open_store("s3://bucket/prefix"))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        await require_away(open_store("s3://bucket/prefix"))


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (400, Refused),
        (413, Refused),
        (401, Away),
        (403, Away),
        (409, Away),
        (429, Away),
        (500, Away),
        (503, Away),
    ],
)
async def test_what_a_status_of_the_server_means(
    status: int, meaning: type[Exception], s3_environment: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R19"""
    if meaning is Away:  # what is tried again until then
        monkeypatch.setattr("shared.store.bucket.STORE_TIMEOUT_SECONDS", 0.5)
    async with raw_server(says(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", str(server.url()).rstrip("/"))
        with pytest.raises(meaning):
            await open_store("s3://bucket").put(KEY, b"x")


async def test_encryption_at_rest_is_asked_of_the_bucket(
    s3_environment: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20: obstore's own setting; each write carries it, small or in parts."""
    monkeypatch.setenv("AWS_SERVER_SIDE_ENCRYPTION", "AES256")
    async with raw_server(says(b"HTTP/1.1 200 OK\r\nETag: e\r\nContent-Length: 0\r\n\r\n")) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", str(server.url()).rstrip("/"))
        await open_store("s3://bucket").put(KEY, b"x")
    assert b"x-amz-server-side-encryption: AES256" in server.requests[0]
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_environment.url)
    s3_environment.make_bucket("encrypted")
    store = open_store("s3://encrypted")
    await store.put(KEY, b"x")
    await written(store, "requests/large", LARGE_BYTES)
    assert await store.get(KEY) == b"x"


async def test_where_deleting_nothing_is_an_error_the_rest_is_deleted_all_the_same(tmp_path: Path) -> None:
    """As Azure and Google have it, and obstore's own folder, which S3 does not."""
    store = BucketStore(LocalStore(tmp_path))
    keys = [f"requests/{number}.jpg" for number in range(4)]
    await store.put(keys[1], b"x")
    await store.put(keys[3], b"x")
    await store.delete(keys)
    assert await listed(store) == []
