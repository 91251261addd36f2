"""The files of a store that is a folder: what they are, and whether they are pictures."""

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from chaos.live.checker.evidence import StoredFile


def read_files(store: Path) -> Mapping[str, StoredFile]:
    """By key."""
    return {key: _read(key, store / key) for key in read_keys(store)}


def read_keys(store: Path) -> frozenset[str]:
    """Without those that are being written."""
    files = (file.relative_to(store) for file in store.rglob("*") if file.is_file())
    return frozenset(str(file) for file in files if not file.parts[0].startswith("."))


def _read(key: str, file: Path) -> StoredFile:
    data = file.read_bytes()
    is_csv = key.endswith(".csv")
    return StoredFile(
        sha256=hashlib.sha256(data).hexdigest(),
        picture=_picture(data) if "/output/" in key else None,
        text=data.decode("utf-8") if is_csv else None,
    )


def _picture(data: bytes) -> tuple[str, int, int] | None:
    """Whole: every pixel is decoded."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            return str(picture.format).lower(), picture.width, picture.height
    except (OSError, SyntaxError, ValueError):
        return None
