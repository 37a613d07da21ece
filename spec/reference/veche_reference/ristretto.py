"""The group ristretto255 of RFC 9496: its elements as bytes, its scalars, and when two are equal.

An element is represented by a point of the curve, one of several that stand for it.
"""

from __future__ import annotations

from functools import lru_cache

from .curve import D, ORDER, P, SQRT_M1, Point, square_root_ratio

_, INVSQRT_A_MINUS_D = square_root_ratio(1, -1 - D)


@lru_cache(maxsize=65536)
def decode(data: bytes) -> Point | None:
    """RFC 9496, section 4.3.1; None for what is no canonical encoding."""
    s = int.from_bytes(data, "little")
    if len(data) != 32 or s >= P or s & 1:
        return None
    ss = s * s % P
    u1, u2 = 1 - ss, 1 + ss
    u2_sqr = u2 * u2 % P
    v = (-(D * u1 * u1) - u2_sqr) % P
    was_square, invsqrt = square_root_ratio(1, v * u2_sqr % P)
    den_x = invsqrt * u2 % P
    den_y = invsqrt * den_x * v % P
    x = _absolute(2 * s * den_x % P)
    y = u1 * den_y % P
    t = x * y % P
    if not was_square or t & 1 or y == 0:
        return None
    return (x, y, 1, t)


def encode(point: Point) -> bytes:
    """RFC 9496, section 4.3.2."""
    x0, y0, z0, t0 = point
    u1 = (z0 + y0) * (z0 - y0) % P
    u2 = x0 * y0 % P
    _, invsqrt = square_root_ratio(1, u1 * u2 * u2 % P)
    den1, den2 = invsqrt * u1 % P, invsqrt * u2 % P
    z_inv = den1 * den2 * t0 % P
    if t0 * z_inv % P & 1:
        x, y = y0 * SQRT_M1 % P, x0 * SQRT_M1 % P
        den_inv = den1 * INVSQRT_A_MINUS_D % P
    else:
        x, y, den_inv = x0, y0, den2
    if x * z_inv % P & 1:
        y = -y
    return _absolute(den_inv * (z0 - y) % P).to_bytes(32, "little")


def _absolute(number: int) -> int:
    return P - number if number & 1 else number


def equal(a: Point, b: Point) -> bool:
    """RFC 9496, section 4.3.3."""
    return (a[0] * b[1] - a[1] * b[0]) % P == 0 or (a[1] * b[1] - a[0] * b[0]) % P == 0


def is_identity(point: Point) -> bool:
    return point[0] % P == 0 or point[1] % P == 0


def scalar(data: bytes) -> int | None:
    """The number of 32 bytes, least significant first, if it is canonical."""
    number = int.from_bytes(data, "little")
    return number if number < ORDER else None
