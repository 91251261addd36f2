"""`python3 deploy/compose/make_env.py` makes the secrets that docker-compose.yml asks for, once, in `.env`.

It needs nothing but Python, and replaces no file that is there: what the old keys encrypted would be lost.
"""

import argparse
import base64
import os
import secrets
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def main(file: Path) -> int:
    try:
        new = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        print(f"{file} is there already and stays as it is", file=sys.stderr)
        return 1
    with os.fdopen(new, "w") as lines:
        lines.writelines(f"{name}={value}\n" for name, value in new_secrets().items())
    print(f"secrets are in {file}; keep a copy: without them no webhook target can be read")
    return 0


def new_secrets() -> dict[str, str]:
    password = secrets.token_hex(24)  # stands in a URL
    return {
        "TARGET_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),  # what Fernet takes
        "WEBHOOK_MASTER_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "POSTGRES_PASSWORD": password,
        "POSTGRES_DSN": f"postgresql://pixmill:{password}@postgres:5432/pixmill",
        "STORE_ACCESS": "pixmill",
        "STORE_SECRET": secrets.token_hex(24),
        "GRAFANA_PASSWORD": secrets.token_hex(12),
    }


def _file() -> Path:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=CHECKOUT / ".env", help="instead of .env")
    file: Path = parser.parse_args().file
    return file


if __name__ == "__main__":
    sys.exit(main(_file()))
