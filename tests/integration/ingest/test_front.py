"""What the process as a whole does for every call: its log, its quotas, its origins, as its settings say."""

import asyncio
import json
import time
from pathlib import Path

import pytest

from shared.web.api_keys import ApiKey, append_key, key_hash
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.ingest_service import HEADER, Broker, running_ingest

CANARY = "canary-51c0"
SHOP = "https://shop.example"
CALLS_PER_MINUTE = 3


async def test_a_process_keeps_its_quotas_and_origins_and_logs_every_call_without_secrets(
    broker: Broker, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """R20, R21"""
    key = f"pxm_{CANARY}"
    append_key(tmp_path / "keys", ApiKey(sha256=key_hash(key), tenant="shop"))
    settings = {
        "AUTH": "keys",
        "API_KEYS_FILE": str(tmp_path / "keys"),
        "LOG_LEVEL": "INFO",
        "REQUESTS_PER_MINUTE": str(CALLS_PER_MINUTE),
        "CORS_ORIGINS": SHOP,
    }
    form = {"webhook_url": f"https://u:{CANARY}@shop.example/hook?token={CANARY}"}
    sent = {"X-API-Key": key, "Idempotency-Key": CANARY, "X-Request-Id": "shop-42", "Origin": SHOP}
    async with running_ingest(broker, tmp_path / "store", **settings) as ingest:
        files = {"file": (f"{CANARY}.csv", HEADER + f"1,{CANARY},https://a.example/{CANARY}\n".encode())}
        path, began = f"/v1/requests?token={CANARY}", time.monotonic()
        accepted = await ingest.http.post(path, files=files, data=form, headers=sent)
        stranger = await ingest.http.post("/upload", files=files, headers={"Origin": "https://evil.example"})
        bearer = {"Authorization": f"Bearer {key}"}
        secret = (await ingest.http.get("/v1/webhooks/secret", headers=bearer)).json()["secret"]
        await ingest.http.post("/v1/validate", files={"file": ("p.csv", CANARY.encode())}, headers=bearer)
        earned = 0  # the time that passes on a slow machine brings calls, too
        while (refused := await ingest.http.post("/upload", files=files, headers=bearer)).status_code != 429:
            earned += 1
        assert earned <= (time.monotonic() - began) * CALLS_PER_MINUTE / 60
        written = await written_until(capfd, '"status": 429')  # a call is logged after it is answered
    written += capfd.readouterr().err
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    called = [line for line in lines if line.get("route") != "/readyz"]  # asked until it was ready
    answered = [line for line in called if line["event"] == "http_answered"]
    assert [(line["route"], line["status"]) for line in answered] == [
        ("/v1/requests", 202),
        ("/upload", 401),
        ("/v1/webhooks/secret", 200),
        ("/v1/validate", 400),
        *[("/upload", 202)] * earned,
        ("/upload", 429),
    ]
    of_upload = [line["event"] for line in lines if line.get("x_request_id") == "shop-42"]
    assert of_upload == ["request_accepted", "http_answered"]
    assert accepted.headers["x-request-id"] == "shop-42"
    assert accepted.headers["access-control-allow-origin"] == SHOP
    assert "access-control-allow-origin" not in stranger.headers
    assert int(refused.headers["retry-after"]) <= 60 / CALLS_PER_MINUTE
    assert CANARY not in written
    assert secret not in written


async def written_until(capfd: pytest.CaptureFixture[str], last: str) -> str:
    written = ""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while last not in written:
            written += capfd.readouterr().err
            await asyncio.sleep(0.01)
    return written
