"""The register as a fold: who the city is, who acted for it when, its logs, and their anchors.

Whether the logs bear out what was announced and anchored is a step of the recount.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from . import kind as kinds
from .breach import Breach
from .ed25519 import verify_batch
from .entry import NOBODY, Entry
from .log import Log
from .note import Checkpoint
from .shape import AnchorsEntry, Commission, GenesisEntry, LogEntry, Officer
from .text import path_in


class Announcement(NamedTuple):
    index: int
    first: bytes


class Anchor(NamedTuple):
    index: int
    size: int
    root: bytes


@dataclass
class Register:
    """The state after all entries of `log`. Without a valid genesis `genesis` is None (REG-2)."""

    log: Log
    genesis: GenesisEntry | None = None
    instance: bytes = NOBODY
    governance: bytes = NOBODY
    commission: Commission = Commission(0, ())
    terms: list[tuple[int, tuple[Officer, ...]]] = field(default_factory=list)
    announced: dict[str, Announcement] = field(default_factory=dict)
    anchors: dict[str, list[Anchor]] = field(default_factory=dict)
    anchored: bool = False
    refused: dict[int, str] = field(default_factory=dict)

    @property
    def log_key(self) -> bytes:
        assert self.genesis is not None
        return self.genesis.log_key

    @property
    def domain(self) -> str:
        assert self.genesis is not None
        return self.genesis.domain

    @property
    def origin(self) -> str:
        return f"{self.domain}/register"

    def officers_at(self, size: int) -> dict[bytes, tuple[int, ...]]:
        """REG-12: roles by key after the entries 0 to size - 1."""
        officers: tuple[Officer, ...] = ()
        for index, list_of_term in self.terms:
            if index < size:
                officers = list_of_term
        return {officer.key: officer.roles for officer in officers}

    def roles_held(self, size: int) -> dict[bytes, frozenset[int]]:
        """REG-12: all roles that each key has held by a size."""
        held: dict[bytes, frozenset[int]] = {}
        for index, officers in self.terms:
            if index < size:
                for officer in officers:
                    held[officer.key] = held.get(officer.key, frozenset()) | set(officer.roles)
        return held

    def announcement(self, origin: str, size: int) -> Announcement | None:
        """The standing log entry among the first entries that announces this log."""
        found = self.announced.get(origin)
        return found if found and found.index < size else None


def fold(log: Log) -> Register:
    register = Register(log)
    if not _found(register):
        return register
    for index, entry in enumerate(log.entries[1:], start=1):
        if isinstance(entry, Entry):
            try:
                _judge(register, index, entry)
            except Breach as breach:
                register.refused[index] = breach.code
    return register


def _found(register: Register) -> bool:
    """REG-1."""
    first = register.log.entries[0] if register.log.entries else None
    if isinstance(first, Entry) and isinstance(first.body, GenesisEntry):
        genesis = first.body
        origin = f"{genesis.domain}/register"
        head = register.log.checkpoint
        if (
            set(first.signers) == {*genesis.commission.keys, genesis.log_key}
            and head is not None
            and head.origin == origin
            and all(verify_batch(first.signed(NOBODY, origin, NOBODY)))
        ):
            register.genesis = genesis
            register.instance = register.governance = first.leaf
            register.commission = genesis.commission
            register.terms.append((0, genesis.officers))
            return True
    return False


def _judge(register: Register, index: int, entry: Entry) -> None:
    body = entry.body
    signers = set(entry.signers)
    if entry.kind == kinds.GENESIS:
        raise Breach("genesis-missing", "a second genesis")  # REG-2
    if entry.kind == kinds.OFFICERS:
        members = signers & set(register.commission.keys)
        if members != signers or len(members) < register.commission.threshold:
            raise Breach("commission-quorum")  # REG-3
        _signatures(register, entry, register.governance)
        if any(officer.key == register.log_key for officer in body.officers):
            raise Breach("entry-fields", "the log key as an officer's")  # REG-5
        register.terms.append((index, body.officers))
        register.governance = entry.leaf
    elif entry.kind == kinds.COMMISSION:
        _judge_commission(register, entry, body.commission)
    else:
        if entry.signers != (register.log_key,):
            raise Breach("not-signed-by-log")  # REG-6
        _signatures(register, entry, register.instance)
        if isinstance(body, LogEntry):
            _judge_log(register, index, body)
        else:
            _judge_anchors(register, index, body)


def _signatures(register: Register, entry: Entry, under: bytes) -> None:
    if not all(verify_batch(entry.signed(register.instance, register.origin, under))):
        raise Breach("signature-invalid")  # ENTRY-11


def _judge_commission(register: Register, entry: Entry, new: Commission) -> None:
    signers, old = set(entry.signers), register.commission
    in_force = set(old.keys)
    if (
        not signers <= in_force | set(new.keys)
        or len(signers & in_force) < old.threshold
        or not set(new.keys) - in_force <= signers
    ):
        raise Breach("commission-quorum")  # REG-4
    _signatures(register, entry, register.governance)
    if register.log_key in new.keys:
        raise Breach("entry-fields", "the log key in a commission")  # REG-5
    register.commission = new
    register.governance = entry.leaf


def _judge_log(register: Register, index: int, body: LogEntry) -> None:
    """REG-7."""
    if path_in(body.origin, register.domain) in (None, "register"):
        raise Breach("entry-fields", "an origin of no roll or poll of this city")
    if body.origin in register.announced:
        raise Breach("log-announced-twice", body.origin)
    register.announced[body.origin] = Announcement(index, body.first)


def _judge_anchors(register: Register, index: int, body: AnchorsEntry) -> None:
    origins = [head.origin.encode() for head in body.heads]
    if any(a >= b for a, b in zip(origins, origins[1:])):
        raise Breach("anchor-disordered", "origins")  # REG-8
    for head in body.heads:
        before = register.anchors.get(head.origin, [])
        last = before[-1].size if before else 1
        if head.origin not in register.announced or head.size < last:
            raise Breach("anchor-disordered", head.origin)  # REG-8
        if before and head.size == last and head.root != before[-1].root:
            raise Breach("anchor-fork", head.origin)  # REG-8
    _judge_own_head(register, index, body.register_checkpoint)
    for head in body.heads:
        register.anchors.setdefault(head.origin, []).append(Anchor(index, head.size, head.root))
    register.anchored = True


def _judge_own_head(register: Register, index: int, data: bytes | None) -> None:
    """REG-9."""
    if data is None:
        if register.anchored:
            raise Breach("anchor-register-head", "none, after the first anchors")
        return
    try:
        head = Checkpoint.parse(data)
        head.signed_by(register.origin, register.log_key)
    except Breach as breach:
        raise Breach("anchor-register-head", str(breach)) from breach
    if not 1 <= head.size <= index or head.root != register.log.tree.root(head.size):
        raise Breach("anchor-register-head", f"another root at size {head.size}")
