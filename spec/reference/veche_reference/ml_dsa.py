"""ML-DSA-44 (FIPS 204): verification alone, pure and with the empty context, for LOG-17.

The names and the numbers of algorithms are the standard's. It makes no keys and signs nothing.
"""

from __future__ import annotations

import hashlib
from typing import Callable, Iterator, NamedTuple, Sequence

Q = 8_380_417
ROOT_OF_UNITY = 1_753
DROPPED_BITS = 13  # d
CHALLENGE_ONES = 39  # tau
MASK_RANGE = 2**17  # gamma_1
LOW_RANGE = (Q - 1) // 88  # gamma_2
ROWS = COLUMNS = 4  # k and l
LARGEST_RESPONSE = MASK_RANGE - CHALLENGE_ONES * 2  # gamma_1 - beta, where beta = tau * eta
MOST_HINTS = 80  # omega

KEY_LENGTH = 32 + ROWS * 320
SIGNATURE_LENGTH = 32 + COLUMNS * 576 + MOST_HINTS + ROWS

Polynomial = list[int]


def _zeta(place: int) -> int:
    """Appendix B: the root of unity to the power of the eight bits of a place, turned around."""
    return pow(ROOT_OF_UNITY, int(f"{place:08b}"[::-1], 2), Q)


_ZETAS = [_zeta(place) for place in range(256)]


class _Signature(NamedTuple):
    challenge: bytes
    response: list[Polynomial]
    hints: list[set[int]]


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Algorithms 3 and 8."""
    parts = _decode_signature(signature)
    if len(key) != KEY_LENGTH or parts is None:
        return False
    if any(abs(number) >= LARGEST_RESPONSE for row in parts.response for number in row):
        return False
    high = [_unpack(key[at : at + 320], 10) for at in range(32, KEY_LENGTH, 320)]
    representative = _h(_h(key, 64) + b"\0\0" + message, 64)
    encoded = b""
    for row, found in enumerate(_commitment(key[:32], high, parts)):
        encoded += _pack([_use_hint(number, place in parts.hints[row])
                          for place, number in enumerate(found)], 6)
    return _h(representative + encoded, 32) == parts.challenge


def _commitment(
    seed: bytes, high: list[Polynomial], parts: _Signature
) -> Iterator[Polynomial]:
    """Algorithm 8, line 9: A z - c t_1 2^d, row by row."""
    response = [_ntt(row) for row in parts.response]
    challenge = _ntt(_sample_in_ball(parts.challenge))
    for row in range(ROWS):
        known = _ntt([number << DROPPED_BITS for number in high[row]])
        total = [-c * t for c, t in zip(challenge, known)]
        for column in range(COLUMNS):
            matrix = _reject_uniform(seed + bytes([column, row]))
            total = [sum_ + a * z for sum_, a, z in zip(total, matrix, response[column])]
        yield _inverse_ntt(total)


def _h(data: bytes, length: int) -> bytes:
    return hashlib.shake_256(data).digest(length)


def _stream(squeeze: Callable[[int], bytes]) -> Iterator[int]:
    """The bytes of an extendable output, one by one, without an end."""
    given, length = 0, 1024
    while True:
        yield from squeeze(length)[given:]
        given, length = length, 2 * length


def _unpack(data: bytes, bits: int) -> Polynomial:
    """Algorithm 18: numbers of so many bits, the lowest bit of the first byte first."""
    number = int.from_bytes(data, "little")
    return [number >> bits * place & (1 << bits) - 1 for place in range(256)]


def _pack(polynomial: Sequence[int], bits: int) -> bytes:
    """Algorithm 16."""
    number = sum(value << bits * place for place, value in enumerate(polynomial))
    return number.to_bytes(32 * bits, "little")


def _decode_signature(data: bytes) -> _Signature | None:
    """Algorithm 27; None where the hints are not in their one form."""
    if len(data) != SIGNATURE_LENGTH:
        return None
    end = 32 + COLUMNS * 576
    response = [
        [MASK_RANGE - number for number in _unpack(data[at : at + 576], 18)]
        for at in range(32, end, 576)
    ]
    hints = _decode_hints(data[end:])
    return None if hints is None else _Signature(data[:32], response, hints)


def _decode_hints(data: bytes) -> list[set[int]] | None:
    """Algorithm 21: the places of each row, ascending; where they end; nothing behind them."""
    hints, start = [], 0
    for end in data[MOST_HINTS:]:
        places = data[start:end]
        if not start <= end <= MOST_HINTS or any(a >= b for a, b in zip(places, places[1:])):
            return None
        hints.append(set(places))
        start = end
    return None if any(data[start:MOST_HINTS]) else hints


def _sample_in_ball(seed: bytes) -> Polynomial:
    """Algorithm 29."""
    stream = _stream(hashlib.shake_256(seed).digest)
    signs = int.from_bytes(bytes(next(stream) for _ in range(8)), "little")
    polynomial = [0] * 256
    for place in range(256 - CHALLENGE_ONES, 256):
        other = next(number for number in stream if number <= place)
        polynomial[place] = polynomial[other]
        polynomial[other] = -1 if signs & 1 else 1
        signs >>= 1
    return polynomial


def _reject_uniform(seed: bytes) -> Polynomial:
    """Algorithm 30: one polynomial of the matrix, in the form that multiplies place by place."""
    stream = _stream(hashlib.shake_128(seed).digest)
    polynomial: Polynomial = []
    while len(polynomial) < 256:
        number = next(stream) | next(stream) << 8 | (next(stream) & 127) << 16
        if number < Q:
            polynomial.append(number)
    return polynomial


def _ntt(polynomial: Sequence[int]) -> Polynomial:
    """Algorithm 41."""
    w, place, length = list(polynomial), 0, 128
    while length:
        for start in range(0, 256, 2 * length):
            place += 1
            zeta = _ZETAS[place]
            for j in range(start, start + length):
                t = zeta * w[j + length] % Q
                w[j], w[j + length] = (w[j] + t) % Q, (w[j] - t) % Q
        length //= 2
    return w


def _inverse_ntt(polynomial: Sequence[int]) -> Polynomial:
    """Algorithm 42."""
    w, place, length = [number % Q for number in polynomial], 256, 1
    while length < 256:
        for start in range(0, 256, 2 * length):
            place -= 1
            zeta = -_ZETAS[place]
            for j in range(start, start + length):
                low, high = w[j], w[j + length]
                w[j], w[j + length] = (low + high) % Q, zeta * (low - high) % Q
        length *= 2
    factor = pow(256, -1, Q)
    return [number * factor % Q for number in w]


def _use_hint(number: int, hint: bool) -> int:
    """Algorithms 36 and 40: the high part of a number from 0 to q - 1, moved by one by a hint."""
    low = number % (2 * LOW_RANGE)
    if low > LOW_RANGE:
        low -= 2 * LOW_RANGE
    if number - low == Q - 1:
        high, low = 0, low - 1
    else:
        high = (number - low) // (2 * LOW_RANGE)
    if hint:
        high = (high + (1 if low > 0 else -1)) % 44
    return high
