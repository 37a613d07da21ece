"""What officers do together in a poll: the checks that all phase entries share, and an exclude.

These are steps 2 to 7 of POLL-2; what a kind asks for besides is judged by the poll.
"""

from __future__ import annotations

from typing import NamedTuple

from . import kind as kinds
from .breach import Breach
from .ed25519 import Verdicts
from .entry import Entry
from .log import Log
from .merkle import EMPTY_ROOT
from .register import Register
from .shape import Head, Seen


class Standing(NamedTuple):
    """A phase entry that stands."""

    index: int
    entry: Entry

    @property
    def seen(self) -> Seen:
        seen: Seen = self.entry.body.seen
        return seen


def check(
    register: Register, origin: str, log: Log, last: Standing | None, index: int, entry: Entry
) -> None:
    """POLL-2, steps 2 to 7, of an entry of this log after the last standing phase entry."""
    seen: Seen = entry.body.seen
    if len(entry.signers) < 2:
        raise Breach("officers-too-few")  # POLL-3
    if not 1 <= seen.register.size <= register.log.size:
        raise Breach("seen-mismatch", "the register's size")
    officers = register.officers_at(seen.register.size)
    for key in entry.signers:  # POLL-4
        if key not in officers:
            raise Breach("officer-unknown")
        if kinds.POLL_OFFICER not in officers[key]:
            raise Breach("officer-role")
    under = last.entry.leaf if last else register.instance  # ENTRY-12
    if not Verdicts().all_valid(entry.signed(register.instance, origin, under)):
        raise Breach("signature-invalid")
    _check_seen(register, log, last, index, seen)
    _check_anchored_officers(register, origin, index, entry, seen)


def _check_seen(
    register: Register, log: Log, last: Standing | None, index: int, seen: Seen
) -> None:
    if last is None:
        own = seen.own == Head(0, EMPTY_ROOT)
    else:
        own = last.index + 1 <= seen.own.size <= index and log.has_root(*seen.own)
    if not own:
        raise Breach("seen-mismatch", "the poll")  # POLL-5
    before = last.seen.register.size if last else 0
    if seen.register.size < before or not register.log.has_root(*seen.register):
        raise Breach("seen-mismatch", "the register")  # POLL-6


def _check_anchored_officers(
    register: Register, origin: str, index: int, entry: Entry, seen: Seen
) -> None:
    """POLL-7."""
    anchors = register.anchors.get(origin, [])
    named = [anchor.index for anchor in anchors if anchor.size <= index]
    announced = register.announced.get(origin)
    if named:
        j = named[-1]
    elif announced:
        j = announced.index
    else:
        return
    if j > seen.register.size:
        officers = register.officers_at(j)
        if any(kinds.POLL_OFFICER not in officers.get(key, ()) for key in entry.signers):
            raise Breach("officer-pin-stale")
