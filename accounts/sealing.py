"""Sealing: AES-256-GCM for names, phones and files, with a key per case and master keys outside the database."""

from __future__ import annotations

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

# First byte of everything sealed, so that another algorithm (SM4-GCM) can follow without a flag day.
AES_256_GCM = b"\x01"
NONCE = 12
KEY_ID = 4


class SealBroken(Exception):
    """The sealed bytes were changed, belong elsewhere, or the key that sealed them is not configured."""


def _master(secret: str) -> tuple[bytes, bytes]:
    key = hashlib.scrypt(secret.encode(), salt=b"openhall sealing", n=2**12, r=8, p=1, dklen=32)
    return hashlib.sha256(key).digest()[:KEY_ID], key


_masters: dict[tuple[str, ...], list[tuple[bytes, bytes]]] = {}


def _keys() -> list[tuple[bytes, bytes]]:
    names = tuple(settings.SEALING_KEYS)
    if names not in _masters:
        _masters[names] = [_master(name) for name in names]
    return _masters[names]


def seal(data: bytes, context: str, key: bytes | None = None) -> bytes:
    """Seal `data`; `context` ("case-7 contact") must be given again to open it.

    With `key` (32 bytes) that key is used, otherwise the newest master key.
    """
    key_id, used = (b"\0" * KEY_ID, key) if key is not None else _keys()[0]
    nonce = os.urandom(NONCE)
    return AES_256_GCM + key_id + nonce + AESGCM(used).encrypt(nonce, data, context.encode())


def unseal(sealed: bytes | memoryview, context: str, key: bytes | None = None) -> bytes:
    """Open what `seal` made. Raises SealBroken."""
    sealed = bytes(sealed)
    if sealed[:1] != AES_256_GCM:
        raise SealBroken("unknown algorithm")
    key_id, nonce, body = sealed[1 : 1 + KEY_ID], sealed[1 + KEY_ID : 1 + KEY_ID + NONCE], sealed[1 + KEY_ID + NONCE :]
    if key is None:
        key = next((master for known, master in _keys() if known == key_id), None)
    if key is None:
        raise SealBroken("the key that sealed this is not configured")
    try:
        return AESGCM(key).decrypt(nonce, body, context.encode())
    except InvalidTag:
        raise SealBroken("the seal does not match") from None


def is_newest(sealed: bytes | memoryview) -> bool:
    """Return whether the newest master key sealed this."""
    return bytes(sealed[: 1 + KEY_ID]) == AES_256_GCM + _keys()[0][0]


def resealed(sealed: bytes | memoryview, context: str) -> bytes:
    """Return the same, sealed by the newest master key. Raises SealBroken."""
    return seal(unseal(sealed, context), context)


def new_key(context: str) -> bytes:
    """Return a fresh 32-byte key, sealed by the newest master key, to be stored beside what it protects."""
    return seal(os.urandom(32), context)
