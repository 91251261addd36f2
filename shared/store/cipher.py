"""How an object is encrypted at rest (pure): AES-256-GCM in chunks, so that it can be streamed.

A header names the key and carries a salt, from which each object gets a key of its own. Each chunk's nonce
is its number and whether it is the last; the header and the object's name are authenticated with it. So a
chunk that was changed, moved, dropped or added is noticed, and so is a file under another's name. The
cipher is that of `cryptography`, which has no form of it for files that are read in parts.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

MAGIC = b"PXM\x01"
KEY_BYTES, KEY_ID_BYTES, SALT_BYTES, TAG_BYTES = 32, 8, 32, 16
HEADER_BYTES = len(MAGIC) + KEY_ID_BYTES + SALT_BYTES
CHUNK_BYTES = 64 * 1024
SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES


class Broken(Exception):  # noqa: N818 - a verdict on the file
    """These bytes are not what was sealed under this name."""


class UnknownKey(Exception):  # noqa: N818 - a verdict on the file
    """The key that sealed this is not in the keyring."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The first key seals, each opens what it sealed."""

    keys: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def read(cls, keys: Sequence[SecretStr]) -> "Keyring":
        """Raises ValueError for what is not 32 bytes in base64."""
        return cls(tuple(_key(key.get_secret_value()) for key in keys))

    def find(self, key_id: bytes) -> bytes:
        for key in self.keys:
            if key_id_of(key) == key_id:
                return key
        raise UnknownKey(f"no key {key_id.hex()} in STORE_KEYS")


def key_id_of(key: bytes) -> bytes:
    return hashlib.sha256(b"pixmill store key id" + key).digest()[:KEY_ID_BYTES]


def plain_size(sealed_bytes: int) -> int:
    """From the size of a sealed object to that of its content."""
    body = sealed_bytes - HEADER_BYTES
    chunks, rest = divmod(body, SEALED_CHUNK_BYTES)
    if body < TAG_BYTES or 0 < rest < TAG_BYTES:
        raise Broken("cut off")
    return body - TAG_BYTES * (chunks + (rest > 0))


def sealed_offset(chunk: int) -> int:
    """Where the chunk of this number begins in a sealed object."""
    return HEADER_BYTES + chunk * SEALED_CHUNK_BYTES


class Sealer:
    """Takes the content piece by piece and gives what goes to the disk."""

    def __init__(self, keyring: Keyring, name: str) -> None:
        key, salt = keyring.keys[0], os.urandom(SALT_BYTES)
        header = MAGIC + key_id_of(key) + salt
        self._chunks = _Chunks(key, header, name)
        self._out = header
        self._content = bytearray()

    def add(self, data: bytes) -> bytes:
        self._content += data
        sealed, self._out = [self._out], b""
        at = 0
        while len(self._content) - at > CHUNK_BYTES:  # more is to come: this one is not the last
            sealed.append(self._chunks.seal(self._content[at : at + CHUNK_BYTES], last=False))
            at += CHUNK_BYTES
        del self._content[:at]
        return b"".join(sealed)

    def finish(self) -> bytes:
        return self._out + self._chunks.seal(self._content, last=True)


class Opener:
    """The way back: it gives out only content that is known to be whole so far. Raises Broken, UnknownKey.

    After the header it may go on with any chunk, not only the first.
    """

    def __init__(self, keyring: Keyring, name: str, first_chunk: int = 0) -> None:
        self._keyring = keyring
        self._name = name
        self._first_chunk = first_chunk
        self._sealed = bytearray()
        self._chunks: _Chunks | None = None

    def add(self, data: bytes) -> bytes:
        self._sealed += data
        chunks = self._chunks or self._read_header()
        if chunks is None:
            return b""
        opened, at = [], 0
        while len(self._sealed) - at > SEALED_CHUNK_BYTES:
            opened.append(chunks.open(self._sealed[at : at + SEALED_CHUNK_BYTES], last=False))
            at += SEALED_CHUNK_BYTES
        del self._sealed[:at]
        return b"".join(opened)

    def finish(self, *, last: bool = True) -> bytes:
        """`last`: the object ends here."""
        if self._chunks is None:
            raise Broken("not sealed by Pixmill, or cut off")
        return self._chunks.open(self._sealed, last=last)

    def _read_header(self) -> "_Chunks | None":
        if len(self._sealed) < HEADER_BYTES:
            return None
        header = bytes(self._sealed[:HEADER_BYTES])
        if not header.startswith(MAGIC):
            raise Broken("not sealed by Pixmill")
        key = self._keyring.find(header[len(MAGIC) : len(MAGIC) + KEY_ID_BYTES])
        self._chunks = _Chunks(key, header, self._name, self._first_chunk)
        del self._sealed[:HEADER_BYTES]
        return self._chunks


class _Chunks:
    """One object's cipher. Its key is used for this object alone, so the counting nonce never repeats."""

    def __init__(self, key: bytes, header: bytes, name: str, number: int = 0) -> None:
        derived = HKDF(SHA256(), KEY_BYTES, header[-SALT_BYTES:], b"pixmill store object").derive(key)
        self._cipher = AESGCM(derived)
        self._authenticated = header + name.encode()
        self._number = number

    def seal(self, content: bytes | bytearray, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last), content, self._authenticated)

    def open(self, sealed: bytes | bytearray, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(last), sealed, self._authenticated)
        except InvalidTag as error:
            raise Broken(f"chunk {self._number - 1} is not what was sealed") from error

    def _nonce(self, last: bool) -> bytes:  # noqa: FBT001 - private
        nonce = self._number.to_bytes(11, "big") + bytes([last])
        self._number += 1
        return nonce


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("a key is no base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {len(key)} bytes, not {KEY_BYTES}")
    return key
