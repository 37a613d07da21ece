"""HKDF with SHA-256 (RFC 5869) and ChaCha20-Poly1305 (RFC 8439), as far as opening needs them.

Every key is used once, so the nonce is always 12 zero bytes, and a key has 32. Nothing is sealed.
"""

from __future__ import annotations

import hmac
import struct

_CONSTANTS = struct.unpack("<4L", b"expand 32-byte k")
_MASK = 0xFFFFFFFF
_QUARTERS = (
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
)


def derive(secret: bytes, info: bytes) -> bytes:
    """HKDF with an empty salt and 32 bytes of output."""
    pseudorandom_key = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(pseudorandom_key, info + b"\x01", "sha256")


def _block(key: tuple[int, ...], counter: int) -> bytes:
    """RFC 8439, section 2.3."""
    start = (*_CONSTANTS, *key, counter, 0, 0, 0)
    state = list(start)
    for _ in range(10):
        for i, j, k, m in _QUARTERS:
            a, b, c, d = state[i], state[j], state[k], state[m]
            a = a + b & _MASK
            d ^= a
            d = (d << 16 | d >> 16) & _MASK
            c = c + d & _MASK
            b ^= c
            b = (b << 12 | b >> 20) & _MASK
            a = a + b & _MASK
            d ^= a
            d = (d << 8 | d >> 24) & _MASK
            c = c + d & _MASK
            b ^= c
            b = (b << 7 | b >> 25) & _MASK
            state[i], state[j], state[k], state[m] = a, b, c, d
    return struct.pack("<16L", *(x + y & _MASK for x, y in zip(state, start)))


def _poly1305(key: bytes, message: bytes) -> bytes:
    """RFC 8439, section 2.5."""
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(message), 16):
        chunk = message[at : at + 16] + b"\x01"
        total = (total + int.from_bytes(chunk, "little")) * r % (2**130 - 5)
    return (total + int.from_bytes(key[16:], "little") & 2**128 - 1).to_bytes(16, "little")


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 16)


def open_sealed(key: bytes, sealed: bytes, associated: bytes) -> bytes | None:
    """RFC 8439, section 2.8: the plaintext, or None if the tag does not authenticate it."""
    words = struct.unpack("<8L", key)
    text, tag = sealed[:-16], sealed[-16:]
    lengths = struct.pack("<QQ", len(associated), len(text))
    mac = _poly1305(_block(words, 0)[:32], _padded(associated) + _padded(text) + lengths)
    if len(sealed) < 16 or mac != tag:
        return None
    blocks = -(-len(text) // 64)
    stream = b"".join(_block(words, counter) for counter in range(1, blocks + 1))
    return bytes(x ^ y for x, y in zip(text, stream))
