"""R08: each cloud's settings in docs/how-to/store-in-a-bucket.md reach the services, whose library knows
them.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from obstore.store import from_url

from deploy.local.environment import store_environment

PAGE = (Path(__file__).parents[3] / "docs/how-to/store-in-a-bucket.md").read_text("utf-8")
SECTION = re.compile(r"^## (.+)\n\n((?:    [A-Z_]+=.+\n)+)", re.MULTILINE)
CLOUDS = {
    title: dict(line.strip().split("=", 1) for line in lines.splitlines())
    for title, lines in SECTION.findall(PAGE)
    if "STORE_URL=file:" not in lines
}
NAMED = re.compile(r"`((?:AWS|AZURE|GOOGLE)_[A-Z_]+)[`=]")
ENCRYPTED = {"AWS_SERVER_SIDE_ENCRYPTION": "aws:kms", "AWS_SSE_KMS_KEY_ID": "a-key"}


def test_the_page_has_its_clouds() -> None:
    assert list(CLOUDS) == [
        "Amazon S3",
        "Cloudflare R2",
        "MinIO and other S3 servers",
        "Azure Blob Storage",
        "Google Cloud Storage",
    ]


@pytest.fixture
def account(tmp_path: Path) -> Path:
    """The key file of a service account that does not exist."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    file = tmp_path / "google.json"
    file.write_text(json.dumps({"client_email": "a@b.example", "private_key": pem, "private_key_id": "1"}))
    return file


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_cloud_s_settings_reach_the_services_and_open_a_store(
    monkeypatch: pytest.MonkeyPatch, account: Path, cloud: str
) -> None:
    settings: Any = dict(CLOUDS[cloud])
    url = settings.pop("STORE_URL")
    if "GOOGLE_SERVICE_ACCOUNT" in settings:
        settings["GOOGLE_SERVICE_ACCOUNT"] = str(account)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert store_environment().items() >= settings.items()
    from_url(url, config=settings)  # refuses a name that it does not know


def test_every_other_setting_that_the_page_names_is_known_as_well() -> None:
    given = {name for settings in CLOUDS.values() for name in settings}
    others = set(NAMED.findall(PAGE)) - given
    assert others >= ENCRYPTED.keys()
    for name in others:
        azure = {"AZURE_STORAGE_ACCOUNT_NAME": "shop"} if name.startswith("AZURE") else {}
        setting: Any = {name: ENCRYPTED.get(name, "true"), **azure}
        from_url("az://bucket" if azure else "s3://bucket", config=setting)
