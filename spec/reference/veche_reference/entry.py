"""Entries: the envelope with its signers, and what each signature covers.

What the payload says is read in a module of its own; whether an entry stands is judged by the
folds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from . import merkle
from .breach import Breach
from .cbor import LARGEST, Reader, encode
from .ed25519 import Signature
from .kind import KINDS
from .payload import PayloadReader

LONGEST_ENTRY = 65_535
NOBODY = bytes(32)


@dataclass(frozen=True)
class Entry:
    data: bytes
    payload: bytes
    signatures: tuple[tuple[bytes, bytes], ...]
    kind: int
    body: Any

    @cached_property
    def leaf(self) -> bytes:
        return merkle.leaf_hash(self.data)

    @property
    def signers(self) -> tuple[bytes, ...]:
        return tuple(key for key, _ in self.signatures)

    def signed(self, instance: bytes, origin: str, under: bytes) -> list[Signature]:
        """ENTRY-11: what each of the signatures claims."""
        message = encode(["veche/entry/v1", instance, origin, under, self.payload])
        return [Signature(key, value, message) for key, value in self.signatures]


def decode(data: bytes, log: str) -> Entry:
    """An entry of a log of this type (`register`, `roll`, `poll`) or its first defect (ENTRY-8)."""
    if not 1 <= len(data) <= LONGEST_ENTRY:
        raise Breach("entry-oversized", f"{len(data)} bytes")  # ENTRY-1
    read = Reader(data, "entry-malformed")
    read.array(2, 2)
    payload = read.bytes()
    signatures = read.many(0, LARGEST, lambda: _signature(read))
    read.end()
    keys = [key for key, _ in signatures]
    if not 1 <= len(keys) <= 64 or not _ascending(keys):
        raise Breach("signers-disordered", f"{len(keys)} signers")  # ENTRY-7
    kind, body = PayloadReader(payload).decode(KINDS[log])
    return Entry(data, payload, signatures, kind, body)


def _signature(read: Reader) -> tuple[bytes, bytes]:
    read.array(2, 2)
    return read.bytes(32), read.bytes(64)


def _ascending(items: list[Any]) -> bool:
    return all(a < b for a, b in zip(items, items[1:]))
