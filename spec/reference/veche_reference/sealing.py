"""Sealed ballots: how long they are, when one may stand, and what it holds (sealing.md).

The key that opens them is the trustees'; which ballots stand is decided before any is opened.
"""

from __future__ import annotations

from typing import NamedTuple

from . import aead, ristretto
from .breach import Breach
from .cbor import encode
from .count import bounds
from .curve import multiply
from .payload import PayloadReader
from .shape import Definition, SealedContent, Selections

TAG_LENGTH = 16


def length(definition: Definition) -> int:
    """SEAL-2: of the plaintexts of a poll."""
    longest = 1
    for question in definition.questions:
        options = len(question.options)
        _, most = bounds(question.rule)
        longest += len(encode(range(options - most, options)))
    return -(-(longest + 1) // 32) * 32


def check_form(content: SealedContent, plaintext: int) -> None:
    """SEAL-4."""
    point = ristretto.decode(content.point)
    if point is None or ristretto.is_identity(point):
        raise Breach("sealed-point")
    if len(content.ciphertext) != plaintext + TAG_LENGTH:
        raise Breach("sealed-length")


class Seal(NamedTuple):
    """What opens the ballots of a poll: y and the bytes of Y, and the leaf hash of its Open."""

    secret: int
    election_key: bytes
    opened: bytes

    def open(self, key: bytes, content: SealedContent) -> bytes:
        """SEAL-5: what stands before the padding."""
        point = ristretto.decode(content.point)
        assert point is not None  # SEAL-4
        info = encode(["veche/sealed/v1", self.opened, self.election_key, content.point, key])
        shared = ristretto.encode(multiply(self.secret, point))
        plain = aead.open_sealed(aead.derive(shared, info), content.ciphertext, info)
        if plain is None:
            raise Breach("sealed-tag")
        stripped = plain.rstrip(b"\x00")
        if not stripped.endswith(b"\x80"):
            raise Breach("sealed-padding")
        return stripped[:-1]


def read(message: bytes) -> Selections:
    """SEAL-6: the selections that a message has to be."""
    reader = PayloadReader(message)
    try:
        selections = reader.selections()
        reader.end()
    except Breach as breach:
        raise Breach("sealed-encoding", str(breach)) from breach
    return selections
