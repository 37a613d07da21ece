"""The curve edwards25519, -x^2 + y^2 = 1 + d x^2 y^2 over p, as Ed25519 and ristretto255 need it.

Points are extended coordinates (X, Y, Z, T) with x = X/Z, y = Y/Z, T = XY/Z. How they are written
as bytes is for those who use them. Nothing here is secret, so nothing takes constant time.
"""

from __future__ import annotations

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
D2 = 2 * D % P
SQRT_M1 = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int, int]
IDENTITY: Point = (0, 1, 1, 0)


def square_root_ratio(u: int, v: int) -> tuple[bool, int]:
    """Whether u/v is a square, and the even root of it, or else of sqrt(-1) * u/v.

    This is SQRT_RATIO_M1 of RFC 9496, section 4.2.
    """
    v3 = v * v * v % P
    r = u * v3 * pow(u * v3 * v3 * v, (P - 5) // 8, P) % P
    check = v * r * r % P
    u %= P
    was_square = check in (u, -u % P)
    if check in (-u % P, -u * SQRT_M1 % P):
        r = r * SQRT_M1 % P
    return was_square, -r % P if r & 1 else r


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


def negative(a: Point) -> Point:
    x, y, z, t = a
    return (-x % P, y, z, -t % P)


def multiply(scalar: int, a: Point) -> Point:
    """By windows of four bits."""
    table = [IDENTITY, a]
    for i in range(2, 16):
        table.append(double(table[i // 2]) if i % 2 == 0 else add(table[i - 1], a))
    result = IDENTITY
    for digit in f"{scalar:x}":
        result = double(double(double(double(result))))
        if digit != "0":
            result = add(result, table[int(digit, 16)])
    return result


def is_identity(a: Point) -> bool:
    return a[0] % P == 0 and (a[1] - a[2]) % P == 0


def times_eight(a: Point) -> Point:
    return double(double(double(a)))


def sum_of_multiples(pairs: list[tuple[int, Point]], bits: int) -> Point:
    """Pippenger's method: points go into buckets by each window of their scalars' bits.

    The points are affine: Z is 1.
    """
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


_BASE_Y = 4 * pow(5, -1, P) % P
_BASE_X = square_root_ratio(_BASE_Y**2 - 1, D * _BASE_Y**2 + 1)[1]
BASE: Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)
