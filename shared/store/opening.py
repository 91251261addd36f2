"""From the settings to a store."""

import os
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import S3Store, from_url
from pydantic import SecretStr

from shared.observing.disk_headroom import DISKS
from shared.observing.vitals import free_bytes
from shared.settings import WrongSetting
from shared.store.bucket import BucketStore, in_one_line
from shared.store.cipher import Keyring
from shared.store.folder import open_folder
from shared.store.port import Store
from shared.store.sealed_store import SealedStore

if TYPE_CHECKING:  # in the stubs only
    from obstore.store import ClientConfig

SILENCE_SECONDS = 15.0
"""A bucket that says nothing for so long is asked again. A download may last longer: its reader decides."""
LONGEST_REQUEST = "1h"
"""Of one GET, which is held for much less; a library that is told nothing takes 30 s."""

ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT")
_ADDRESS = re.compile(
    r"https?://([^\s/?#@]*@)?(\[[0-9A-F:.]+\]|[^\s/?#:@]+)(:[0-9]{1,5})?(/\S*)?", re.IGNORECASE
)


def open_store(
    url: str, keys: Sequence[SecretStr] = (), *, silence_seconds: float = SILENCE_SECONDS
) -> Store:
    """`file:///folder`, sealed where there are keys, or `s3://bucket/prefix` and what else obstore takes: its
    credentials and its encryption at rest come from obstore's own variables (AWS_…). Raises `WrongSetting`.
    """
    root = local_folder(url)
    try:
        if root is None:
            bucket = from_url(url, client_options=_client_options(silence_seconds))
            if isinstance(bucket, S3Store):
                _require_addresses()
            return BucketStore(bucket)
        folder = open_folder(root)
    except (BaseError, OSError) as error:
        raise WrongSetting("STORE_URL", in_one_line(error)) from error
    DISKS.show("store", lambda: free_bytes(root))
    return SealedStore(folder, Keyring.read(keys)) if keys else folder


def _require_addresses() -> None:
    """Obstore would take anything, and panic at the first call."""
    for name in ENDPOINTS:
        address = os.environ.get(name)
        if address is not None and not _is_address(address):
            raise WrongSetting(name, "it looks like http://host:9000; for Amazon's own leave it out")


def _is_address(text: str) -> bool:
    if _ADDRESS.fullmatch(text) is None:
        return False
    try:
        urlsplit(text).port  # noqa: B018 - it is looked at only now
    except ValueError:
        return False
    return True


def _client_options(silence_seconds: float) -> "ClientConfig":
    return {
        "allow_http": True,
        "read_timeout": timedelta(seconds=silence_seconds),
        "timeout": LONGEST_REQUEST,
    }


def local_folder(url: str) -> Path | None:
    """Where the objects lie on a disk of ours; None for a bucket."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None
