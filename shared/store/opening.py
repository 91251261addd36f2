"""From the settings to a store."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from obstore.store import from_url
from pydantic import SecretStr

from shared.observing.metrics import DISK_HEADROOM
from shared.observing.vitals import free_bytes
from shared.store.bucket import BucketStore
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


def open_store(
    url: str, keys: Sequence[SecretStr] = (), *, silence_seconds: float = SILENCE_SECONDS
) -> Store:
    """`file:///folder`, sealed where there are keys, or `s3://bucket/prefix` and what else obstore takes: its
    credentials and its encryption at rest come from obstore's own variables (AWS_…).
    """
    root = local_folder(url)
    if root is None:
        return BucketStore(from_url(url, client_options=_client_options(silence_seconds)))
    DISK_HEADROOM.labels("store").set_function(lambda: free_bytes(root))
    folder = open_folder(root)
    return SealedStore(folder, Keyring.read(keys)) if keys else folder


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
