"""What becomes of an entry that is handed in, as far as a verifier can tell: it is appended to its
log, and the log is judged again.

This is no server. What a server refuses by its clock (POLL-15), or because it does not keep the
log, is not judged here.
"""

from __future__ import annotations

import base64

from . import register as registers
from . import roll as rolls
from . import tile
from .breach import Breach
from .entry import decode
from .finding import Evidence
from .log import Log, read_log
from .merkle import Tree, leaf_hash
from .recount import Recount
from .source import Source


class Appended:
    """The files of a source with one more entry in one log, below a head that nobody has signed."""

    def __init__(self, source: Source, path: str, origin: str, log: Log, entry: bytes) -> None:
        self.source = source
        raw = [*log.raw, entry]
        number = log.size // tile.WIDTH
        last = raw[number * tile.WIDTH :]
        root = base64.b64encode(Tree(map(leaf_hash, raw)).root(len(raw))).decode()
        text = f"{origin}\n{len(raw)}\n{root}\n"
        self.files = {
            f"{path}/checkpoint": f"{text}\n\u2014 nobody AAAAAAA=\n".encode(),
            f"{path}/{tile.name('entries', number, len(last))}": b"".join(
                len(entry).to_bytes(2, "big") + entry for entry in last
            ),
        }

    def get(self, name: str) -> bytes | None:
        return self.files[name] if name in self.files else self.source.get(name)


def judge(source: Source, path: str, entry: bytes) -> int | str:
    """The index at which the entry stands, or the code that refuses it."""
    log = read_log(source, path)
    if entry in log.raw:
        return log.raw.index(entry)  # RECEIPT-5
    try:
        decode(entry, path.partition("/")[0])
    except Breach as breach:
        return breach.code
    register = registers.fold(read_log(source, "register"))
    with_entry = Appended(source, path, f"{register.domain}/{path}", log, entry)
    index = log.size
    if path == "register":
        code = registers.fold(read_log(with_entry, path)).refused.get(index)
    elif path.startswith("roll/"):
        extended = read_log(with_entry, path)
        size = register.log.size
        code = rolls.fold(extended, register, size, extended.size).refused.get(index)  # ROLL-9
    else:
        # A Certify is refused with what a recount finds at its index (POLL-17, POLL-18).
        findings = Recount(with_entry, path, Evidence()).run().findings
        code = next((f.code for f in findings if (f.path, f.index) == (path, index)), None)
    return index if code is None else code
