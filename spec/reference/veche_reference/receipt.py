"""Receipts, which are tlog-proofs of C2SP: an entry, an index, a proof, and the head it leads to.

Whether the log that was read bears a receipt out (RECEIPT-6) is a step of the recount.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable

from . import merkle
from .breach import Breach
from .note import Checkpoint, Signers, VerifierKey
from .text import decimal, strict_base64, strict_hash

LONGEST_RECEIPT = 262_144
MOST_HASHES = 64


@dataclass(frozen=True)
class Receipt:
    extra: bytes | None
    index: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint

    @classmethod
    def parse(cls, data: bytes) -> Receipt:
        """RECEIPT-1."""
        head, found, rest = data.partition(b"\n\n")
        try:
            if len(data) > LONGEST_RECEIPT or not found:
                raise ValueError("too long, or no empty line")
            rows = head.decode("utf-8").split("\n")
            rest.decode("utf-8")
        except ValueError as error:
            raise Breach("receipt-malformed", str(error)) from error
        if rows[0] != "c2sp.org/tlog-proof@v1":
            raise Breach("receipt-malformed", "its first line")
        del rows[0]
        extra = None
        if rows and rows[0].startswith("extra "):
            extra = strict_base64(rows.pop(0)[len("extra ") :])
            if extra is None:
                raise Breach("receipt-malformed", "its extra line")
        index = decimal(rows[0][len("index ") :]) if rows and rows[0][:6] == "index " else None
        if index is None:
            raise Breach("receipt-malformed", "its index")
        proof = tuple(map(_hash, rows[1:]))
        if len(proof) > MOST_HASHES:
            raise Breach("receipt-malformed", "too many hashes")
        return cls(extra, index, proof, Checkpoint.parse(rest))

    def check(
        self, origin: str, log_key: bytes, others: Iterable[VerifierKey] = (),
        entry: bytes | None = None,
    ) -> Signers:
        """RECEIPT-2, after the form; the answer is who signed the checkpoint."""
        signers = self.checkpoint.signed_by(origin, log_key, others)
        data = self.extra if entry is None else entry
        if data is None:
            raise Breach("proof-invalid", "nobody has the entry's bytes")  # RECEIPT-7
        head = self.checkpoint
        leaf = merkle.leaf_hash(data)
        if not merkle.included(self.index, head.size, leaf, self.proof, head.root):
            raise Breach("proof-invalid")  # LOG-7
        return signers


def _hash(row: str) -> bytes:
    data = strict_hash(row)
    if data is None:
        raise Breach("receipt-malformed", "a hash of the proof")
    return data
