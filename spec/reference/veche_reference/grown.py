"""Grown receipts of receipts.md: a receipt, the same below a later head, and the register's anchor.

What witnesses say of the heads is told by a policy; grown receipts are read here and never made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from . import merkle
from .breach import Breach
from .entry import decode
from .note import VerifierKey
from .receipt import MOST_HASHES, Receipt
from .shape import AnchoredHead, AnchorsEntry
from .text import decimal, strict_hash

FIRST_LINE = b"veche/grown-receipt/v1"
LONGEST_GROWN = 792_576
MOST_GROWTH = 65


class Anchor(NamedTuple):
    """The register's receipt, and the entry's proof in the head that its anchors entry names."""

    receipt: Receipt
    inclusion: tuple[bytes, ...]


@dataclass(frozen=True)
class GrownReceipt:
    first: Receipt
    later: Receipt
    growth: tuple[bytes, ...]
    anchor: Anchor | None

    @staticmethod
    def is_meant_by(data: bytes) -> bool:
        return data.startswith(FIRST_LINE + b"\n")

    @classmethod
    def parse(cls, data: bytes) -> GrownReceipt:
        """RECEIPT-8."""
        try:
            if len(data) > LONGEST_GROWN:
                raise ValueError("too long")
            data.decode("utf-8")
            above, found, below = data.partition(b"\n\n")
            rows = above.decode().split("\n")
            if not found or not cls.is_meant_by(data) or len(rows) < 3:
                raise ValueError("its first line, or too few lines")
            lengths = [_length("first ", rows[1]), _length("later ", rows[2])]
            growth, inclusion = _hashes(rows[3:]), None
            if len(growth) < len(rows[3:]):
                lengths.append(_length("anchor ", rows[3 + len(growth)]))
                after = rows[4 + len(growth) :]
                inclusion = _hashes(after)
                if len(inclusion) < len(after) or len(inclusion) > MOST_HASHES:
                    raise ValueError("the hashes after `anchor`")
            if len(growth) > MOST_GROWTH or sum(lengths) != len(below):
                raise ValueError("too many hashes, or the lengths of its receipts")
        except ValueError as error:
            raise Breach("receipt-malformed", str(error)) from error
        ends = [sum(lengths[: place + 1]) for place in range(len(lengths))]
        parts = [below[end - length : end] for length, end in zip(lengths, ends)]
        receipts = [Receipt.parse(part) for part in parts]
        anchor = None if inclusion is None else Anchor(receipts[2], inclusion)
        grown = cls(receipts[0], receipts[1], growth, anchor)
        grown._check_parts()
        return grown

    def _check_parts(self) -> None:
        """RECEIPT-8, the end."""
        first, later, anchor = self.first, self.later, self.anchor
        if (
            (first.index, first.extra) != (later.index, later.extra)
            or later.checkpoint.size < first.checkpoint.size
            or (anchor is not None and anchor.receipt.extra is None)
        ):
            raise Breach("receipt-malformed", "parts that do not belong together")

    def receipts(self) -> list[Receipt]:
        """RECEIPT-11: what it is to a recount."""
        anchor = [] if self.anchor is None else [self.anchor.receipt]
        return [self.first, self.later, *anchor]

    def check(self, key: VerifierKey, entry: bytes | None = None) -> AnchoredHead | None:
        """RECEIPT-9; the answer is the head that the register names, if it names one."""
        for receipt in (self.first, self.later):
            receipt.check(key.name, key.public, entry=entry)
        first, later = self.first.checkpoint, self.later.checkpoint
        if not merkle.consistent(first.size, first.root, later.size, later.root, self.growth):
            raise Breach("proof-invalid", "the later head does not extend the first")  # LOG-8
        return None if self.anchor is None else self._check_anchor(self.anchor, key, entry)

    def _check_anchor(
        self, anchor: Anchor, key: VerifierKey, entry: bytes | None
    ) -> AnchoredHead:
        """RECEIPT-10."""
        domain = key.name.partition("/")[0]
        anchor.receipt.check(f"{domain}/register", key.public)
        body = decode(anchor.receipt.extra or b"", "register").body
        named = body.heads if isinstance(body, AnchorsEntry) else ()
        data = self.first.extra if entry is None else entry
        for head in named:
            if head.origin == key.name:
                leaf = merkle.leaf_hash(data or b"")
                if merkle.included(
                    self.first.index, head.size, leaf, anchor.inclusion, head.root
                ):
                    return head
        raise Breach("proof-invalid", "no head of this log that holds the entry")


def _length(word: str, row: str) -> int:
    number = decimal(row[len(word) :]) if row.startswith(word) else None
    if number is None:
        raise ValueError(f"no line {word!r} with a length")
    return number


def _hashes(rows: list[str]) -> tuple[bytes, ...]:
    """Those that stand before the first row that is none."""
    found = []
    for row in rows:
        value = strict_hash(row)
        if value is None:
            break
        found.append(value)
    return tuple(found)
