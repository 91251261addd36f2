"""The whole path over each kind of store that a person may choose: a sealed folder, and a real S3 server."""

import base64
import io
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.own_stack import OwnStack, own_stack
from services.processor.formats.sniff import sniff
from services.processor.verdicts import Failure
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.servers.s3_server import s3_server

SEAL = b"PXM\x01"


@dataclass(frozen=True)
class Stored:
    stack: OwnStack
    folder: Path  # where the store's files really lie
    is_sealed: bool

    def files(self, request_id: str) -> list[bytes]:
        found = (path for path in self.folder.rglob("*") if path.is_file() and request_id in str(path))
        return [path.read_bytes() for path in found]


@pytest.fixture(params=["sealed folder", "bucket"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stored]:
    with _sealed(tmp_path) if request.param == "sealed folder" else _bucket(tmp_path) as stored:
        yield stored


@contextmanager
def _sealed(folder: Path) -> Iterator[Stored]:
    key = base64.b64encode(os.urandom(32)).decode()
    with own_stack(folder / "data", STORE_KEYS=key) as stack:
        yield Stored(stack, folder / "data", is_sealed=True)


@contextmanager
def _bucket(folder: Path) -> Iterator[Stored]:
    with s3_server(folder) as s3:
        bucket = s3.make_bucket("pixmill")
        with own_stack(folder / "data", STORE_URL="s3://pixmill/a", **s3.environment()) as stack:
            yield Stored(stack, bucket, is_sealed=False)


async def test_images_are_stored_and_served(stored: Stored) -> None:
    """R08 R20"""
    async with Client(stored.stack).open() as client, Origin().open() as origin:
        accepted = await client.upload(origin.csv(3))
        request_id = accepted.body["request_id"]
        ended = await client.until_ended(request_id)
        assert (ended["state"], ended["counts"]["done"]) == ("completed", 3)
        images = (await client.ask("GET", f"/v1/requests/{request_id}/images")).body["items"]
        for image in images:
            file = await client.get(image["output_url"])
            assert not isinstance(sniff(file.body), Failure)
            part = await client.get(image["output_url"], headers={"Range": "bytes=100-199"})
            assert (part.status, part.body) == (206, file.body[100:200])
        whole = await client.ask("GET", f"/v1/requests/{request_id}/images.zip")
        with zipfile.ZipFile(io.BytesIO(whole.body)) as archive:
            assert archive.testzip() is None
            assert len(archive.namelist()) == len(images)
        files = stored.files(request_id)
        assert len(files) >= 2 * len(images)
        assert {data.startswith(SEAL) for data in files} == {stored.is_sealed}
