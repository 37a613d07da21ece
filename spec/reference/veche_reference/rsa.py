"""RSA as credentials need it: the exponent 65537, and RSASSA-PSS with SHA-384 (RFC 8017).

It verifies and never signs. Numbers are as long as the modulus, most significant byte first.
"""

from __future__ import annotations

import hashlib
from functools import cache
from math import gcd, prod

EXPONENT = 65537
HASH_LENGTH = SALT_LENGTH = 48


@cache
def _small_primes() -> int:
    """The product of all primes below 2^16."""
    sieve = bytearray([1]) * 65536
    for i in range(2, 256):
        if sieve[i]:
            sieve[i * i :: i] = bytes(len(range(i * i, 65536, i)))
    return prod(i for i in range(2, 65536) if sieve[i])


def is_weak(modulus: bytes, bits: int) -> bool:
    """CRED-1."""
    number = int.from_bytes(modulus, "big")
    return (
        len(modulus) != bits // 8
        or number.bit_length() != bits
        or gcd(number, _small_primes()) != 1
    )


def _element(data: bytes, modulus: bytes) -> int | None:
    """The number, if it has the length of the modulus and is below it."""
    if len(data) != len(modulus) or data >= modulus:
        return None
    return int.from_bytes(data, "big")


def _power(base: int, modulus: bytes) -> int:
    return pow(base, EXPONENT, int.from_bytes(modulus, "big"))


def may_be_signed(blinded: bytes, modulus: bytes) -> bool:
    """CRED-4: above 0, below the modulus, and of its length."""
    return bool(_element(blinded, modulus))


def signs_blinded(signature: bytes, blinded: bytes, modulus: bytes) -> bool:
    """CRED-5."""
    number = _element(signature, modulus)
    return (
        number is not None
        and may_be_signed(blinded, modulus)
        and _power(number, modulus) == int.from_bytes(blinded, "big")
    )


def signs_with_factor(signature: bytes, factor: bytes, blinded: bytes, modulus: bytes) -> bool:
    """CRED-11: whether signature^e * factor^e is the blinded message."""
    number, blinding = _element(signature, modulus), _element(factor, modulus)
    if number is None or not blinding or not may_be_signed(blinded, modulus):
        return False
    return _power(number * blinding, modulus) == int.from_bytes(blinded, "big")


def _mask(seed: bytes, length: int) -> bytes:
    """MGF1 (RFC 8017, appendix B.2.1)."""
    hashes = (
        hashlib.sha384(seed + counter.to_bytes(4, "big")).digest()
        for counter in range(-(-length // HASH_LENGTH))
    )
    return b"".join(hashes)[:length]


def verify(signature: bytes, message: bytes, modulus: bytes) -> bool:
    """CRED-3, with RSASSA-PSS-VERIFY (RFC 8017, sections 8.1.2 and 9.1.2)."""
    number = _element(signature, modulus)
    if number is None:
        return False
    encoded = _power(number, modulus).to_bytes(len(modulus), "big")
    border = len(encoded) - HASH_LENGTH - 1
    masked, digest = encoded[:border], encoded[border:-1]
    # The encoded message has one bit less than the modulus, which is the highest of its bytes.
    if encoded[-1] != 0xBC or masked[0] >> 7:
        return False
    data = bytearray(x ^ y for x, y in zip(masked, _mask(digest, border)))
    data[0] &= 0x7F
    if any(data[: -SALT_LENGTH - 1]) or data[-SALT_LENGTH - 1] != 1:
        return False
    salt = bytes(data[-SALT_LENGTH:])
    hashed = hashlib.sha384(message).digest()
    return hashlib.sha384(bytes(8) + hashed + salt).digest() == digest
