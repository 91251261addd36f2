"""What the notifier needs to know of its surroundings. Secrets stay wrapped until they are used."""

from pydantic import Field

from shared.settings import AllowedNetworks, SecretKeys, ServiceSettings, TargetKeys


class Settings(ServiceSettings):
    target_keys: TargetKeys
    """Fernet keys that open webhook targets, newest first; the same as of ingest."""
    webhook_master_keys: SecretKeys = Field(min_length=1)
    """Secrets from which signing secrets are derived, newest first; every one signs."""
    allow_hosts: AllowedNetworks = ()
    """Networks (CIDRs) besides the public internet that webhooks may lead to."""
    concurrency: int = Field(default=512, ge=1, le=4096)
    """Deliveries under way in this process."""
