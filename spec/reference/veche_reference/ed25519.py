"""Ed25519 by the rule of ZIP-215 (ENTRY-10), alone and in batches, and weak keys (ENTRY-9).

It verifies and never signs; nothing here is secret, so nothing takes constant time. The curve is
-x^2 + y^2 = 1 + d x^2 y^2 over p; points are extended coordinates (X, Y, Z, T) with x = X/Z, y =
Y/Z, T = XY/Z.
"""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache
from typing import Iterable, NamedTuple, Sequence

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
D2 = 2 * D % P
SQRT_M1 = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int, int]
IDENTITY: Point = (0, 1, 1, 0)


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
    v3 = v * v * v % P
    x = u * v3 * pow(u * v3 * v3 * v, (P - 5) // 8, P) % P
    square = v * x * x % P
    if square != u:
        if square != -u % P:
            return None
        x = x * SQRT_M1 % P
    if x & 1 != sign:
        x = -x % P
    return (x, y, 1, x * y % P)


def add(a: Point, b: Point) -> Point:
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    m = (y1 - x1) * (y2 - x2) % P
    n = (y1 + x1) * (y2 + x2) % P
    c = t1 * t2 % P * D2 % P
    e, h, w = n - m, n + m, 2 * z1 * z2 % P
    f, g = w - c, w + c
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def double(a: Point) -> Point:
    x, y, z, _ = a
    m, n = x * x % P, y * y % P
    h = m + n
    e, g = h - (x + y) * (x + y), m - n
    e %= P
    f = 2 * z * z + g
    f %= P
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar: int, a: Point) -> Point:
    result = IDENTITY
    for bit in bin(scalar)[2:]:
        result = double(result)
        if bit == "1":
            result = add(result, a)
    return result


def is_identity(a: Point) -> bool:
    return a[0] % P == 0 and (a[1] - a[2]) % P == 0


def times_eight(a: Point) -> Point:
    return double(double(double(a)))


_BASE_Y = 4 * pow(5, P - 2, P) % P
_BASE = decode_point(_BASE_Y.to_bytes(32, "little"))
assert _BASE is not None
BASE: Point = _BASE


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
    x, y, z, t = multiply(terms.s, BASE)
    return is_identity(times_eight(add(right, (-x % P, y, z, -t % P))))


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
    total = add(_sum_of_multiples(short, 128), _sum_of_multiples(long, 253))
    return is_identity(times_eight(total))


def _sum_of_multiples(pairs: list[tuple[int, Point]], bits: int) -> Point:
    """Pippenger's method: points go into buckets by each window of their scalars' bits."""
    width = max(2, min(12, len(pairs).bit_length() - 3))
    mask = (1 << width) - 1
    # y - x, y + x and 2dxy of an affine point save a multiplication in each addition.
    ready = [
        (scalar, (y - x) % P, (y + x) % P, t * D2 % P) for scalar, (x, y, _, t) in pairs
    ]
    total = IDENTITY
    for shift in reversed(range(0, bits, width)):
        for _ in range(width):
            total = double(total)
        buckets: list[Point | None] = [None] * (mask + 1)
        for scalar, minus, plus, t2 in ready:
            digit = scalar >> shift & mask
            if digit:
                bucket = buckets[digit]
                x1, y1, z1, t1 = bucket if bucket is not None else IDENTITY
                m = (y1 - x1) * minus % P
                n = (y1 + x1) * plus % P
                c = t1 * t2 % P
                e, h, w = n - m, n + m, z1 + z1
                f, g = w - c, w + c
                buckets[digit] = (e * f % P, g * h % P, f * g % P, e * h % P)
        running = window = IDENTITY
        for bucket in reversed(buckets[1:]):
            if bucket is not None:
                running = add(running, bucket)
            window = add(window, running)
        total = add(total, window)
    return total
