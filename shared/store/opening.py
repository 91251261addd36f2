"""From the settings to a store."""

from collections.abc import Sequence
from pathlib import Path
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


def open_store(url: str, keys: Sequence[SecretStr] = ()) -> Store:
    """`file:///folder`, sealed where there are keys, or `s3://bucket/prefix` and what else obstore takes: its
    credentials and its encryption at rest come from obstore's own variables (AWS_…).
    """
    root = local_folder(url)
    if root is None:
        return BucketStore(from_url(url, client_options={"allow_http": True, "timeout": "15s"}))
    DISK_HEADROOM.labels("store").set_function(lambda: free_bytes(root))
    folder = open_folder(root)
    return SealedStore(folder, Keyring.read(keys)) if keys else folder


def local_folder(url: str) -> Path | None:
    """Where the objects lie on a disk of ours; None for a bucket."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None
