"""What a trustee deals and proves: polynomials under commitments, encrypted shares, and complaints.

In which order trustees act, and who is out, is in `ceremony`.
"""

from __future__ import annotations

import hashlib
from typing import Iterable, NamedTuple, Sequence

from . import aead, ristretto
from .breach import Breach
from .cbor import encode
from .curve import BASE, ORDER, Point, add, multiply, negative


class Transport(NamedTuple):
    """A trustee's transport key of one ceremony, as a point and as its bytes."""

    point: Point
    data: bytes

    @classmethod
    def parse(cls, data: bytes) -> Transport:
        """CEREMONY-2, of a key by itself."""
        point = ristretto.decode(data)
        if point is None or ristretto.is_identity(point):
            raise Breach("transport-key-weak")
        return cls(point, data)


def challenge(data: bytes) -> int:
    return int.from_bytes(hashlib.sha512(data).digest(), "little") % ORDER


def at(commitments: Sequence[Point], trustee: int) -> Point:
    """The committed polynomial at a trustee's index: the sum over k of j^k C_k."""
    total = commitments[-1]
    for commitment in reversed(commitments[:-1]):
        total = add(multiply(trustee, total), commitment)
    return total


def check(threshold: int, trustee: int, commitments: Sequence[bytes], proof: bytes) -> list[Point]:
    """CEREMONY-3, of commitments by themselves; the answer is what they stand for."""
    decoded = map(ristretto.decode, commitments)
    points = [point for point in decoded if point is not None]
    if (
        len(commitments) != threshold
        or len(points) != len(commitments)
        or ristretto.is_identity(points[0])
        or not _knows(trustee, proof, commitments[0], points[0])
    ):
        raise Breach("dealing-invalid")
    return points


def _knows(trustee: int, proof: bytes, committed: bytes, point: Point) -> bool:
    """CEREMONY-4: that the dealer knows the constant term, to which it has committed."""
    r, z = ristretto.decode(proof[:32]), ristretto.scalar(proof[32:])
    if r is None or z is None:
        return False
    index = trustee.to_bytes(32, "little")
    c = challenge(b"FROST-RISTRETTO255-SHA512-v1" + b"dkg" + index + committed + proof[:32])
    return ristretto.equal(multiply(z, BASE), add(r, multiply(c, point)))


def commitment_hash(
    announce: bytes, ceremony: int, trustee: int, commitments: Sequence[bytes], proof: bytes
) -> bytes:
    """CEREMONY-2."""
    data = encode(["veche/commitments/v1", announce, ceremony, trustee, commitments, proof])
    return hashlib.sha256(data).digest()


def right_share(
    announce: bytes,
    ceremony: int,
    dealer: tuple[int, Transport],
    recipient: tuple[int, Transport],
    shared: bytes,
    encrypted: bytes,
    commitments: Sequence[Point],
) -> int | None:
    """CEREMONY-5: what was dealt, if it opens under the point that the two share, and is right."""
    i, x_i = dealer
    j, x_j = recipient
    info = encode(["veche/dealing/v1", announce, ceremony, i, j, x_i.data, x_j.data])
    plain = aead.open_sealed(aead.derive(shared, info), encrypted, info)
    return None if plain is None else true_share(plain, j, commitments)


def true_share(data: bytes, trustee: int, commitments: Sequence[Point]) -> int | None:
    """The scalar of these bytes, if it is the committed polynomial at a trustee's index."""
    share = ristretto.scalar(data)
    if share is None or not ristretto.equal(multiply(share, BASE), at(commitments, trustee)):
        return None
    return share


def proves_shared_point(
    announce: bytes,
    ceremony: int,
    dealer: tuple[int, Transport],
    signer: tuple[int, Transport],
    shared: bytes,
    proof: bytes,
) -> bool:
    """CEREMONY-6: that the point is the one which the signer and the dealer share."""
    point = ristretto.decode(shared)
    c, z = ristretto.scalar(proof[:32]), ristretto.scalar(proof[32:])
    if point is None or c is None or z is None:
        return False
    i, x_i = dealer
    j, x_j = signer
    first = add(multiply(z, BASE), negative(multiply(c, x_j.point)))
    second = add(multiply(z, x_i.point), negative(multiply(c, point)))
    statement = [
        "veche/complaint/v1", announce, ceremony, i, j, x_i.data, x_j.data, shared,
        ristretto.encode(first), ristretto.encode(second),
    ]
    return c == challenge(encode(statement))


def summed(dealt: Iterable[Sequence[Point]]) -> list[Point]:
    """CEREMONY-8: the sums of all dealers' commitments, by the power that they belong to.

    The first is Y, and their value at j is V_j.
    """
    totals: list[Point] = []
    for commitments in dealt:
        totals = list(map(add, totals, commitments)) if totals else list(commitments)
    return totals


def transcript(announce: bytes, ceremony: int, posted: Sequence[tuple[int, bytes, bytes]]) -> bytes:
    """CEREMONY-9: the hash over each participant's join and deal."""
    return hashlib.sha256(encode(["veche/ceremony/v1", announce, ceremony, posted])).digest()


def combined(shares: dict[int, int]) -> int:
    """CEREMONY-13: the secret that shares of any t trustees give."""
    secret = 0
    for j, share in shares.items():
        weight = share
        for m in shares:
            if m != j:
                weight = weight * m * pow(m - j, -1, ORDER) % ORDER
        secret += weight
    return secret % ORDER
