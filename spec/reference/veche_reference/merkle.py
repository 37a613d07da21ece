"""The tree of RFC 6962: hashes, roots at every size, and the checks of both kinds of proof.

It knows nothing of what the leaves say, and makes no proofs: a verifier only reads them.
"""

from __future__ import annotations

import hashlib
from typing import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()  # LOG-1


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()  # LOG-1


class Tree:
    """All full subtrees: `levels[k][i]` is the root of the 2^k leaves numbered i * 2^k and on."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self.levels: list[list[bytes]] = [list(leaves)]
        while len(self.levels[-1]) > 1:
            below = self.levels[-1]
            self.levels.append(
                [node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
            )

    @property
    def size(self) -> int:
        return len(self.levels[0])

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves (LOG-1), from the full subtrees they divide into."""
        if size == 0:
            return EMPTY_ROOT
        root: bytes | None = None
        for level in range(size.bit_length()):
            if size >> level & 1:
                subtree = self.levels[level][(size >> level) - 1]
                root = subtree if root is None else node_hash(subtree, root)
        assert root is not None
        return root

    def subtrees(self, level: int) -> list[bytes]:
        """The roots of all full subtrees of 2^level leaves."""
        return self.levels[level] if level < len(self.levels) else []


def included(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """LOG-7, as it is written there."""
    if index >= size:
        return False
    f, s, r = index, size - 1, leaf
    for p in proof:
        if s == 0:
            return False
        if f & 1 or f == s:
            r = node_hash(p, r)
            while f & 1 == 0 and f != 0:
                f, s = f >> 1, s >> 1
        else:
            r = node_hash(r, p)
        f, s = f >> 1, s >> 1
    return s == 0 and r == root


def consistent(
    size: int, root: bytes, later_size: int, later_root: bytes, proof: Sequence[bytes]
) -> bool:
    """LOG-8, as it is written there."""
    if size > later_size:
        return False
    if size == later_size:
        return not proof and root == later_root
    if size == 0:
        return not proof and root == EMPTY_ROOT
    hashes = list(proof)
    if size & (size - 1) == 0:
        hashes.insert(0, root)
    return _roots(size, later_size, hashes) == (root, later_root)


def earlier_root(
    size: int, later_size: int, later_root: bytes, proof: Sequence[bytes]
) -> bytes | None:
    """The root at a smaller size that a proof shows by itself, if it leads to the later root.

    From a power of two it shows none: there LOG-8 takes the earlier root from elsewhere.
    """
    if not 0 < size < later_size or size & (size - 1) == 0:
        return None
    earlier, later = _roots(size, later_size, proof) or (None, None)
    return earlier if later == later_root else None


def _roots(size: int, later_size: int, hashes: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The two roots that the loop of LOG-8 ends with."""
    if not hashes:
        return None
    f, s = size - 1, later_size - 1
    while f & 1:
        f, s = f >> 1, s >> 1
    u = v = hashes[0]
    for p in hashes[1:]:
        if s == 0:
            return None
        if f & 1 or f == s:
            u, v = node_hash(p, u), node_hash(p, v)
            while f & 1 == 0 and f != 0:
                f, s = f >> 1, s >> 1
        else:
            v = node_hash(v, p)
        f, s = f >> 1, s >> 1
    return (u, v) if s == 0 else None
