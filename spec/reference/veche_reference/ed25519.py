"""Ed25519 by the rule of ZIP-215 (ENTRY-10), alone and in batches, and weak keys (ENTRY-9).

It verifies and never signs.
"""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache
from typing import Iterable, NamedTuple, Sequence

from .curve import (
    BASE, D, ORDER, P, Point, add, is_identity, multiply, negative, square_root_ratio,
    sum_of_multiples, times_eight,
)


class Signature(NamedTuple):
    """A claim that `key` signed `message`; `value` is R || S."""

    key: bytes
    value: bytes
    message: bytes


@lru_cache(maxsize=65536)
def decode_point(data: bytes) -> Point | None:
    """The point that 32 bytes stand for. ZIP-215 takes y >= p and x = 0 with the sign bit set."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, (number & (1 << 255) - 1) % P
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    is_square, x = square_root_ratio(u, v)
    if not is_square:
        return None
    if x & 1 != sign:
        x = -x % P
    return (x, y, 1, x * y % P)


@lru_cache(maxsize=65536)
def is_weak(key: bytes) -> bool:
    """ENTRY-9: not canonical, not on the curve, or of small order."""
    if int.from_bytes(key, "little") & (1 << 255) - 1 >= P:
        return True
    point = decode_point(key)
    if point is None:
        return True
    if point[0] == 0:
        return True  # the identity and the point of order two, whatever the sign bit says
    return is_identity(times_eight(point))


class _Terms(NamedTuple):
    """What the equation of one signature is made of."""

    key: bytes
    a: Point
    r: Point
    s: int
    k: int


def _terms(signature: Signature) -> _Terms | None:
    if len(signature.key) != 32 or len(signature.value) != 64:
        return None
    r_bytes, s_bytes = signature.value[:32], signature.value[32:]
    s = int.from_bytes(s_bytes, "little")
    if s >= ORDER:  # ENTRY-10: S is canonical
        return None
    a, r = decode_point(signature.key), decode_point(r_bytes)
    if a is None or r is None:
        return None
    digest = hashlib.sha512(r_bytes + signature.key + signature.message).digest()
    return _Terms(signature.key, a, r, s, int.from_bytes(digest, "little") % ORDER)


def verify(signature: Signature) -> bool:
    """ENTRY-10: [8][S]B = [8]R + [8][k]A."""
    terms = _terms(signature)
    return terms is not None and _holds(terms)


def _holds(terms: _Terms) -> bool:
    right = add(terms.r, multiply(terms.k, terms.a))
    return is_identity(times_eight(add(right, negative(multiply(terms.s, BASE)))))


def verify_batch(signatures: Sequence[Signature]) -> list[bool]:
    """The verdict that each signature has alone, found for many at once (ENTRY-10)."""
    verdicts = [False] * len(signatures)
    open_terms: list[tuple[int, _Terms]] = []
    for place, signature in enumerate(signatures):
        terms = _terms(signature)
        if terms is not None:
            open_terms.append((place, terms))
    _settle(open_terms, verdicts)
    return verdicts


class Verdicts:
    """Verdicts on many signatures known beforehand; others are verified when asked for."""

    def __init__(self, signatures: Sequence[Signature] = ()) -> None:
        self._verdicts = dict(zip(signatures, verify_batch(signatures)))

    def all_valid(self, signatures: Iterable[Signature]) -> bool:
        return all(self._one(signature) for signature in signatures)

    def _one(self, signature: Signature) -> bool:
        known = self._verdicts.get(signature)
        return verify(signature) if known is None else known


def _settle(terms: list[tuple[int, _Terms]], verdicts: list[bool]) -> None:
    """A batch that holds settles all of it; one that does not is divided, and so on."""
    if len(terms) < 4:
        for place, one in terms:
            verdicts[place] = _holds(one)
    elif _sum_vanishes(one for _, one in terms):
        for place, _ in terms:
            verdicts[place] = True
    else:
        middle = len(terms) // 2
        _settle(terms[:middle], verdicts)
        _settle(terms[middle:], verdicts)


def _sum_vanishes(batch: Iterable[_Terms]) -> bool:
    """Whether [8] of one random linear combination of the equations is the identity.

    The coefficients are drawn afresh, 128 bits each: a false equation passes with chance 2^-128.
    The cofactor removes all parts of small order, so scalars may be reduced by the order.
    """
    short: list[tuple[int, Point]] = []
    keys: dict[bytes, tuple[Point, int]] = {}
    base = 0
    for terms in batch:
        z = secrets.randbits(128)
        short.append((z, terms.r))
        base -= z * terms.s
        _, before = keys.get(terms.key, (terms.a, 0))
        keys[terms.key] = (terms.a, (before + z * terms.k) % ORDER)
    long = [(scalar, point) for point, scalar in keys.values()]
    long.append((base % ORDER, BASE))
    total = add(sum_of_multiples(short, 128), sum_of_multiples(long, 253))
    return is_identity(times_eight(total))
