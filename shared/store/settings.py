"""The settings of every service that opens the object store."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, model_validator

from shared.settings import SecretKeys, ServiceSettings
from shared.store.cipher import Keyring


def _readable(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    Keyring.read(keys)
    return keys


class StoreSettings(ServiceSettings):
    store_url: str = Field(min_length=3)
    """The object store: file:///folder, s3://bucket/prefix, gs://… or az://…."""
    store_keys: Annotated[SecretKeys, AfterValidator(_readable)] = ()
    """Keys that seal a local folder, 32 random bytes each in base64, newest first; empty: not sealed."""

    @model_validator(mode="after")
    def _only_a_folder_is_sealed_by_us(self) -> "StoreSettings":
        if self.store_keys and not self.store_url.startswith("file:"):
            raise ValueError("STORE_KEYS seal a local folder; a bucket encrypts: AWS_SERVER_SIDE_ENCRYPTION")
        return self
