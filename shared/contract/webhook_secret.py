"""Every tenant has its own webhook signing secret, derived from a master key: nothing to store or to leak.

Ingest shows it to its owner, the notifier signs with it; both derive the same one (pure).
"""

import base64
import hashlib
import hmac

from pydantic import SecretStr

SECRET_PREFIX = "whsec_"  # noqa: S105 - how the Standard Webhooks specification marks a secret, not one
_PURPOSE = "webhook-secret:"  # keeps these apart from anything else a master key may ever derive


def signing_secret(master_key: SecretStr, tenant: str) -> str:
    """The tenant's secret as a subscriber configures it: `whsec_` and base64 of 32 bytes."""
    key = hmac.digest(master_key.get_secret_value().encode(), (_PURPOSE + tenant).encode(), hashlib.sha256)
    return SECRET_PREFIX + base64.b64encode(key).decode()
