"""What the notifier needs to know of its surroundings. Secrets stay wrapped until they are used."""

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.settings import Networks, SecretKeys, ServiceSettings
from shared.targets import TargetKeyring


def _readable(keys: SecretKeys) -> SecretKeys:
    TargetKeyring(keys)  # a ValueError here is a wrong setting; its text shows no key
    return keys


class Settings(ServiceSettings):
    target_keys: Annotated[SecretKeys, AfterValidator(_readable)]  # Fernet keys that open webhook targets
    webhook_master_keys: SecretKeys = Field(min_length=1)  # newest first; every one signs
    allow_hosts: Networks = ()
    concurrency: int = Field(default=512, ge=1, le=4096)  # deliveries under way in this process
