"""Findings, and all that a recount hands to its report. How they come about is in the steps."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from . import kind as kinds
from .breach import FAULT, ORDER
from .issuing import Turnout
from .note import VerifierKey
from .policy import Policy
from .poll import Poll
from .register import Register
from .shape import Result


class Finding(NamedTuple):
    step: int
    code: str
    path: str
    index: int | None
    fault: str

    def place(self) -> tuple[int, bytes, int, int]:
        """The order of AUDIT-1."""
        index = -1 if self.index is None else self.index
        return self.step, self.path.encode(), index, ORDER[self.code]


@dataclass(frozen=True)
class Evidence:
    """What the observer has from elsewhere."""

    instance: bytes | None = None
    key: VerifierKey | None = None
    policy: Policy | None = None
    heads: tuple[bytes, ...] = ()
    receipts: tuple[bytes, ...] = ()
    claims: tuple[bytes, ...] = ()


class Exhibit(NamedTuple):
    """What became of a saved head, a receipt (RECEIPT-7) or a claim (AUDIT-14)."""

    kind: str
    outcome: str
    code: str | None


@dataclass
class Report:
    """What the recount came to; `witnessed` are the names of witnesses of the poll's head.

    `turnout` is what AUDIT-13 counts, `confirmed` the confirmed claims of each district.
    """

    poll: Poll | None
    register: Register
    findings: list[Finding] = field(default_factory=list)
    result: Result | None = None
    transcript: bytes | None = None
    witnessed: set[bytes] = field(default_factory=set)
    exhibits: list[Exhibit] = field(default_factory=list)
    timed: bool = False
    pinned_by: str = "nothing"
    turnout: list[Turnout] | None = None
    confirmed: Counter[str] = field(default_factory=Counter)

    @property
    def sound(self) -> bool:
        return not self.unsound_findings

    @property
    def unsound_findings(self) -> int:
        """AUDIT-2: those of the faults that make a poll unsound."""
        return sum(finding.fault in ("staff", "operator") for finding in self.findings)

    @property
    def transcript_hash(self) -> str | None:
        return hashlib.sha256(self.transcript).hexdigest() if self.transcript else None

    def refused_ballots(self, spoiled: bool) -> list[tuple[str, int]]:
        """How many ballots that decode were refused by each code, in the order of the table.

        Ballots that SEAL-6 has spoiled are among them.
        """
        if self.poll is None:
            return []
        numbers = Counter(self.poll.refused_of([kinds.BALLOT]).values())
        numbers.update(self.poll.spoiled.values())
        codes = [code for code in ORDER if (FAULT[code] == "voter") == spoiled]
        return [(code, numbers[code]) for code in codes if numbers[code]]
