"""The secret with which a tenant's webhooks are signed."""

import base64
import hashlib
import hmac

from pydantic import SecretStr

from shared.contract.webhook_secret import signing_secret

MASTER = SecretStr("master-key-one")


def test_a_secret_is_whsec_and_base64_of_32_bytes() -> None:
    prefix, encoded = signing_secret(MASTER, "local").split("_", 1)
    assert prefix == "whsec"
    assert len(base64.b64decode(encoded, validate=True)) == 32


def test_a_secret_is_the_documented_hmac_of_the_tenant() -> None:
    expected = hmac.new(b"master-key-one", b"webhook-secret:local", hashlib.sha256).digest()
    assert signing_secret(MASTER, "local") == "whsec_" + base64.b64encode(expected).decode()


def test_every_tenant_and_every_master_key_has_its_own_secret() -> None:
    secrets = {
        signing_secret(SecretStr(master), tenant) for master in ("one", "two") for tenant in ("a", "b", "")
    }
    assert len(secrets) == 6


def test_a_secret_never_contains_its_master_key() -> None:
    assert "master-key-one" not in signing_secret(MASTER, "local")
