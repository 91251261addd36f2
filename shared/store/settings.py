"""The settings of every service that opens the object store."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, model_validator

from shared.settings import SecretKeys, ServiceSettings
from shared.store.cipher import Keyring


def _readable(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    Keyring.read(keys)
    return keys


_BUCKETS = frozenset({"s3", "s3a", "gs", "az", "azure", "adl", "abfs", "abfss", "https"})


def _require_store(url: str) -> str:
    """A folder that is named, and not this machine's root; or a bucket."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    is_folder = parts.scheme == "file" and not parts.netloc and parts.path.strip("/")
    if not is_folder and not (parts.scheme in _BUCKETS and parts.netloc):
        raise ValueError("needs file:///folder, s3://bucket/prefix, gs://bucket or az://container")
    return url


class StoreSettings(ServiceSettings):
    store_url: Annotated[str, AfterValidator(_require_store)]
    """The object store: file:///folder, s3://bucket/prefix, gs://… or az://…."""
    store_keys: Annotated[SecretKeys, AfterValidator(_readable)] = ()
    """Keys that seal a local folder, 32 random bytes each in base64, newest first; empty: not sealed."""

    @model_validator(mode="after")
    def _only_a_folder_is_sealed_by_us(self) -> "StoreSettings":
        if self.store_keys and not self.store_url.startswith("file:"):
            raise ValueError("STORE_KEYS seal a local folder; a bucket encrypts: AWS_SERVER_SIDE_ENCRYPTION")
        return self
