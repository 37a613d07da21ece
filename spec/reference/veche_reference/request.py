"""What a witness is asked, and how it judges (witnesses.md), as a function of what it knows.

It keeps nothing and cosigns nothing: of WITNESS-1 to WITNESS-4 and WITNESS-8 the verdicts alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, NamedTuple

from . import merkle
from .breach import Breach
from .note import Checkpoint, Head, VerifierKey
from .text import decimal, strict_hash

LONGEST_REQUEST = 133_933
MOST_HASHES = 63

STATUS = {
    "accepted": 200, "malformed": 400, "untrusted": 403, "unknown": 404, "stale": 409,
    "other-root": 422, "inconsistent": 422,
}  # WITNESS-4


class Judgement(NamedTuple):
    """`code` is that of the requirement which the request breaks, where it has one."""

    outcome: str
    code: str | None = None


class Contradiction(NamedTuple):
    """WITNESS-8; `root` is what the history of the larger head has at the size of the other."""

    kind: str
    root: bytes | None = None


@dataclass(frozen=True)
class Request:
    old: int
    proof: tuple[bytes, ...]
    head: Checkpoint

    @classmethod
    def parse(cls, data: bytes) -> Request:
        """WITNESS-1."""
        above, found, note = data.partition(b"\n\n")
        try:
            data.decode("utf-8")
            rows = above.decode().split("\n")
        except UnicodeDecodeError as error:
            raise Breach("witness-malformed", "not UTF-8") from error
        old = decimal(rows[0][len("old ") :]) if rows[0].startswith("old ") else None
        proof = tuple(value for value in map(strict_hash, rows[1:]) if value is not None)
        if (
            len(data) > LONGEST_REQUEST
            or not found
            or old is None
            or len(proof) != len(rows) - 1
            or len(proof) > MOST_HASHES
        ):
            raise Breach("witness-malformed", "its size, or the lines above the note")
        return cls(old, proof, Checkpoint.parse(note))

    def trusted(self, keys: Iterable[VerifierKey]) -> Judgement | None:
        """WITNESS-2, with the keys that are trusted for this origin; None if nothing is wrong."""
        known = list(keys)
        if not known:
            return Judgement("unknown")
        try:
            if not self.head.note.signers(known):
                raise Breach("note-unsigned", "by no key that is trusted")
        except Breach as breach:
            return Judgement("untrusted", breach.code)
        return Judgement("malformed") if self.old > self.head.size else None

    def judge(self, latest: Head | None) -> Judgement:
        """WITNESS-3, with the head of this log that was cosigned last."""
        size, root = (latest.size, latest.root) if latest else (0, merkle.EMPTY_ROOT)
        if self.old != size:
            return Judgement("stale")
        if merkle.consistent(size, root, self.head.size, self.head.root, self.proof):
            return Judgement("accepted")
        other = self.head.size == size and self.head.root != root
        return Judgement("other-root" if other else "inconsistent")

    def contradiction(self, latest: Head | None) -> Contradiction:
        """WITNESS-8, of a request that is trusted."""
        head = self.head
        if latest is None:
            return Contradiction("none")
        if head.size == latest.size:
            return Contradiction("roots" if head.root != latest.root else "none")
        if self.old != latest.size or self.judge(latest).outcome == "accepted":
            return Contradiction("none")
        root = merkle.earlier_root(latest.size, head.size, head.root, self.proof)
        if root is None or root == latest.root:
            return Contradiction("unproven")
        return Contradiction("history", root)


def judge(data: bytes, keys: Iterable[VerifierKey], latest: Head | None) -> Judgement:
    """All of it, in order; the answer's status is that of the outcome (WITNESS-4)."""
    try:
        request = Request.parse(data)
    except Breach as breach:
        return Judgement("malformed", breach.code)
    return request.trusted(keys) or request.judge(latest)
