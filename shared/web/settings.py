"""The settings of a service that answers callers, and the authenticator that they ask for."""

from pathlib import Path
from typing import Self

from pydantic import model_validator

from shared.settings import WebAddress, exit_for
from shared.store.settings import StoreSettings
from shared.web.api_keys import UnreadableKeys
from shared.web.auth import Authenticator, AuthMode, open_authenticator
from shared.web.cors import Origins


class ApiSettings(StoreSettings):
    public_url: WebAddress
    """The address that callers use, for absolute links: https:// or http:// and what follows."""
    auth: AuthMode = AuthMode.KEYS
    """keys, or off: everybody is let in."""
    api_keys_file: Path | None = None
    """The file of hashed API keys, which AUTH=keys needs; read again when it changes."""
    cors_origins: Origins = ()
    """Origins whose web pages may call, as https://shop.example."""

    @model_validator(mode="after")
    def _require_keys_file(self) -> Self:
        if self.auth is AuthMode.KEYS and self.api_keys_file is None:
            raise ValueError("AUTH=keys needs API_KEYS_FILE (AUTH=off lets everybody in)")
        return self

    def require_authenticator(self) -> Authenticator:
        """An unreadable file of keys is a wrong setting."""
        try:
            return open_authenticator(self.auth, self.api_keys_file)
        except UnreadableKeys as error:
            exit_for("API_KEYS_FILE", str(error))
