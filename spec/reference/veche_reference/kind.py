"""The kinds of entries by number: which log they stand in (ENTRY-5) and what they are called.

What an entry of a kind says is in `shape`. Here too are the roles of officers.
"""

from __future__ import annotations

GENESIS, OFFICERS, COMMISSION, LOG, ANCHORS = 0, 1, 2, 4, 5
ROLL, ENROL, REVOKE = 16, 17, 18
ANNOUNCE, BEGIN, OPEN, BALLOT, CLOSE, CERTIFY, CANCEL = 32, 33, 34, 35, 36, 37, 38
ISSUER_KEYS, REQUEST, ISSUED = 39, 40, 41
JOIN, DEAL, COMPLAINT, READY, EXCLUDE, SHARE = 42, 43, 44, 45, 46, 47

PHASE_ENTRIES = (ANNOUNCE, BEGIN, OPEN, CLOSE, CERTIFY, CANCEL)
OF_ISSUING = (ISSUER_KEYS, REQUEST, ISSUED)
OF_CEREMONY = (JOIN, DEAL, COMPLAINT, READY, EXCLUDE, SHARE)

NAMES = {
    GENESIS: "genesis", OFFICERS: "officers", COMMISSION: "commission", LOG: "log",
    ANCHORS: "anchors", ROLL: "roll", ENROL: "enrol", REVOKE: "revoke", ANNOUNCE: "announce",
    BEGIN: "begin", OPEN: "open", BALLOT: "ballot", CLOSE: "close", CERTIFY: "certify",
    CANCEL: "cancel", ISSUER_KEYS: "issuer-keys", REQUEST: "request", ISSUED: "issued",
    JOIN: "join", DEAL: "deal", COMPLAINT: "complaint", READY: "ready", EXCLUDE: "exclude",
    SHARE: "share",
}

KINDS = {  # ENTRY-5
    "register": (GENESIS, OFFICERS, COMMISSION, LOG, ANCHORS),
    "roll": (ROLL, ENROL, REVOKE),
    "poll": (*PHASE_ENTRIES, BALLOT, *OF_ISSUING, *OF_CEREMONY),
}

REGISTRAR, INSPECTOR, POLL_OFFICER, MODERATOR = 1, 2, 3, 4
