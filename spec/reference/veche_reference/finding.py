"""Findings, and all that a recount hands to its report. How they come about is in the steps."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from .breach import ORDER
from .payload import Result
from .policy import Policy
from .poll import Poll
from .register import Register


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
    policy: Policy | None = None
    heads: tuple[bytes, ...] = ()
    receipts: tuple[bytes, ...] = ()


@dataclass
class Report:
    """What the recount came to; `witnessed` are the names of witnesses of the poll's head."""

    poll: Poll | None
    register: Register
    findings: list[Finding] = field(default_factory=list)
    result: Result | None = None
    transcript: bytes = b""
    witnessed: set[bytes] = field(default_factory=set)
    checked: int = 0
    refused: int = 0
    timed: bool = False
    pinned_by: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not any(finding.fault in ("staff", "operator") for finding in self.findings)

    @property
    def transcript_hash(self) -> str:
        return hashlib.sha256(self.transcript).hexdigest()

    def spoiled(self) -> Counter[str]:
        return Counter(f.code for f in self.findings if f.fault == "voter")
