"""Fork proofs of forks.md: two heads that one key has signed and that cannot both be true.

Whose key it is, nobody but the reader knows. Proofs are read here and never made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, NamedTuple

from . import merkle
from .breach import Breach
from .note import ED25519, Checkpoint, Head, Note, VerifierKey
from .text import decimal, of_one_city, strict_hash

LONGEST_FORK = 266_240
MOST_HASHES = 65


class Growth(NamedTuple):
    """Where the history of the second head stands at the size of the first, and the proof of it."""

    root: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class ForkProof:
    key: VerifierKey
    first: Checkpoint
    second: Checkpoint
    growth: Growth | None

    @classmethod
    def parse(cls, data: bytes) -> ForkProof:
        """FORK-1."""
        try:
            if len(data) > LONGEST_FORK:
                raise ValueError("too long")
            data.decode("utf-8")
            above, found, below = data.partition(b"\n\n")
            rows = above.decode().split("\n")
            if not found or len(rows) < 4 or rows[0] != "veche/fork/v1":
                raise ValueError("its first line, or too few lines")
            key = VerifierKey.parse(_after("log ", rows[1]))
            lengths = [_number(_after("first ", rows[2])), _number(_after("second ", rows[3]))]
            growth = _growth(rows[4:])
            first, second = below[: lengths[0]], below[lengths[0] :]
            if [len(first), len(second)] != lengths:
                raise ValueError("the lengths of its notes")
            first.decode("utf-8")  # a length may divide a character
        except (Breach, ValueError) as error:
            raise Breach("fork-malformed", str(error)) from error
        notes = Note.parse(first), Note.parse(second)
        heads = [Checkpoint(note, *Head.parse(note.text)) for note in notes]
        proof = cls(key, *heads, growth)
        proof._check_sizes()
        return proof

    def _check_sizes(self) -> None:
        """FORK-1, the end."""
        first, second, growth = self.first.size, self.second.size, self.growth
        if (
            first > second
            or (growth is None) != (first == second)
            or (growth is not None and len(growth.proof) > MOST_HASHES)
        ):
            raise Breach("fork-malformed", f"of the sizes {first} and {second}")

    def check(self) -> None:
        """FORK-2."""
        for head in (self.first, self.second):
            if self.key.kind == ED25519:
                head.signed_by(self.key.name, self.key.public)
            elif head.origin != self.key.name:
                raise Breach("checkpoint-origin", head.origin)
            else:
                raise Breach("note-unsigned", f"a key of type {self.key.kind} signs no log")
        root = self.second.root
        if self.growth is not None:
            root, proof = self.growth
            from_, to = (self.first.size, root), (self.second.size, self.second.root)
            if not merkle.consistent(*from_, *to, proof):
                raise Breach("proof-invalid", "the root is not in the history of the second head")
        if root == self.first.root:
            raise Breach("proof-invalid", "the heads agree")

    def check_key(self, known: Iterable[VerifierKey]) -> None:
        """FORK-3, with all keys that the reader has from elsewhere."""
        keys = list(known)
        if keys and not any(
            key == self.key
            or ((key.kind, key.public) == (self.key.kind, self.key.public)
                and of_one_city(key.name, self.key.name))
            for key in keys
        ):
            raise Breach("instance-mismatch", "by a key that is none of those known")


def _after(word: str, row: str) -> str:
    if not row.startswith(word):
        raise ValueError(f"no line {word!r}")
    return row[len(word) :]


def _number(text: str) -> int:
    number = decimal(text)
    if number is None:
        raise ValueError(f"{text!r} is no length")
    return number


def _growth(rows: list[str]) -> Growth | None:
    if not rows:
        return None
    root = strict_hash(_after("root ", rows[0]))
    hashes = tuple(strict_hash(row) for row in rows[1:])
    found = [value for value in (root, *hashes) if value is not None]
    if len(found) != len(rows):
        raise ValueError("a root or hash that is none")
    return Growth(found[0], tuple(found[1:]))
