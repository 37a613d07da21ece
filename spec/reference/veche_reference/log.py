"""One log as it was read from a source: its head, its entries, and the defects of its files (A1).

Who signed the head, and what the entries mean, is judged elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from . import tile
from .breach import Breach
from .entry import Entry, decode
from .merkle import Tree, leaf_hash
from .note import Checkpoint
from .source import Source


@dataclass
class Log:
    """`entries[i]` is the decoded entry, or the breach that refused it.

    `defects` are codes of A1 for the log as a whole; `unreadable` says why a checkpoint that is
    there could not be read (A2), and is None as well when there is none.
    """

    path: str
    checkpoint: Checkpoint | None = None
    unreadable: str | None = None
    raw: list[bytes] = field(default_factory=list)
    entries: list[Entry | Breach] = field(default_factory=list)
    tree: Tree = field(default_factory=lambda: Tree([]))
    defects: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """The number of entries that could be read: what the other steps judge (AUDIT-3)."""
        return len(self.raw)

    @property
    def stated_size(self) -> int:
        """The size that the checkpoint states; above `size` where a bundle could not be read."""
        return self.checkpoint.size if self.checkpoint else 0

    @property
    def missing(self) -> bool:
        """Whether the source has no checkpoint of this log at all."""
        return self.checkpoint is None and self.unreadable is None

    def has_root(self, size: int, root: bytes) -> bool:
        return size <= self.size and self.tree.root(size) == root


def read_log(source: Source, path: str) -> Log:
    """AUDIT-3, and of AUDIT-4 what happens without a checkpoint."""
    log = Log(path)
    data = source.get(f"{path}/checkpoint")
    if data is None:
        log.defects.append("entry-missing")  # AUDIT-4
        return log
    try:
        log.checkpoint = Checkpoint.parse(data)
    except Breach as breach:
        log.unreadable = breach.code
        return log
    whole = _read_entries(source, log, log.checkpoint.size)
    kind = path.partition("/")[0]
    for raw in log.raw:
        try:
            log.entries.append(decode(raw, kind))
        except Breach as breach:
            log.entries.append(breach)
    log.tree = Tree(map(leaf_hash, log.raw))
    if whole:
        if log.tree.root(log.size) != log.checkpoint.root:
            log.defects.append("root-mismatch")
        _compare_tiles(source, log)
    return log


def _read_entries(source: Source, log: Log, size: int) -> bool:
    """Reads bundle after bundle, up to the first that is missing or malformed."""
    for number in range(-(-size // tile.WIDTH)):
        width = min(tile.WIDTH, size - number * tile.WIDTH)
        try:
            data, full = _get(source, log.path, "entries", number, width)
            if data is None:
                log.defects.append("entry-missing")  # LOG-10
                return False
            log.raw += tile.divide(data, tile.WIDTH if full else width)[:width]
        except Breach as breach:
            log.defects.append(breach.code)
            return False
    return True


def _get(
    source: Source, path: str, level: str, number: int, width: int
) -> tuple[bytes | None, bool]:
    """A tile or bundle, and whether it is a full one, which LOG-9 has us try as well."""
    name = f"{path}/tile/{level}/{tile.number(number)}"
    if width < tile.WIDTH:
        data = source.get(f"{name}.p/{width}")
        if data is not None:
            return data, False
    return source.get(name), True


def _compare_tiles(source: Source, log: Log) -> None:
    malformed = mismatch = False
    for level in range(tile.LEVELS):
        hashes = log.tree.subtrees(8 * level)
        for number, width in tile.widths(len(hashes)):
            data, full = _get(source, log.path, str(level), number, width)
            if data is None or len(data) != 32 * (tile.WIDTH if full else width):
                malformed = True
            elif data[: 32 * width] != b"".join(hashes[256 * number :][:width]):
                mismatch = True
    log.defects += ["tile-malformed"] * malformed + ["tile-mismatch"] * mismatch

