"""The life of a poll: its phases, and which kinds of entries each of them admits (POLL-1).

Where a definition narrows this (POLL-21) is judged by the poll.
"""

from __future__ import annotations

from . import kind as kinds
from .breach import Breach

UNANNOUNCED, ANNOUNCED, BEGUN, OPENED, CLOSED, CERTIFIED, CANCELLED = (
    "unannounced", "announced", "begun", "open", "closed", "certified", "cancelled",
)
NEXT = {
    kinds.ANNOUNCE: ANNOUNCED, kinds.BEGIN: BEGUN, kinds.OPEN: OPENED, kinds.CLOSE: CLOSED,
    kinds.CERTIFY: CERTIFIED, kinds.CANCEL: CANCELLED,
}

_COLUMNS = (
    (kinds.ANNOUNCE,), (kinds.BEGIN,), (kinds.OPEN,), (kinds.BALLOT,), (kinds.CLOSE,),
    (kinds.CERTIFY,), (kinds.CANCEL,), (kinds.ISSUER_KEYS,), (kinds.REQUEST, kinds.ISSUED),
    (kinds.JOIN, kinds.DEAL, kinds.COMPLAINT, kinds.READY, kinds.EXCLUDE), (kinds.SHARE,),
)
_CODES = {
    "N": "not-announced", "A": "announce-repeated", "P": "phase-repeated",
    "O": "phase-out-of-order", "<": "ballot-before-open", ">": "ballot-after-close",
}
# The table of POLL-1, with a letter for each code and a dot for what is admitted.
_LIFE = {
    UNANNOUNCED: ". N N N N N N N N N N",
    ANNOUNCED: "  A . . < O O . . O . O",
    BEGUN: "      A P . < O O . O . . O",
    OPENED: "     A P P . . O . O . O O",
    CLOSED: "     A P P > P . . O O O .",
    CERTIFIED: "  A P P > P P O O O O O",
    CANCELLED: "  A O O > O O P O O O O",
}


def admit(phase: str, kind: int) -> None:
    """POLL-1."""
    column = next(place for place, of_kinds in enumerate(_COLUMNS) if kind in of_kinds)
    letter = _LIFE[phase].split()[column]
    if letter != ".":
        raise Breach(_CODES[letter], f"{kinds.NAMES[kind]} while {phase}")
