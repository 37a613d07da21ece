"""A roll as a fold: who may vote, with which key, in which district, after its first entries.

Which of them a poll admits is said by its Open.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from . import kind as kinds
from .breach import Breach
from .cbor import encode
from .ed25519 import Signature, Verdicts, is_weak
from .entry import Entry
from .log import Log
from .shape import EnrolEntry, Enrolment, RevokeEntry, RollEntry
from .register import Register

LONGEST_LIFE = 31_622_400
REPLACED = 0
ACTIVE, REVOKED_LEFT, REVOKED_REPLACED, REVOKED_AND_SUCCEEDED = range(4)


@dataclass
class Voter:
    key: bytes
    district: int
    status: int = ACTIVE


@dataclass
class Roll:
    """The state after some entries of a roll. Nobody is on one whose `header` does not stand."""

    origin: str
    header: RollEntry | None = None
    voters: dict[bytes, Voter] = field(default_factory=dict)
    keys: set[bytes] = field(default_factory=set)
    refused: dict[int, str] = field(default_factory=dict)

    def active(self) -> list[tuple[bytes, Voter]]:
        return [(id_, voter) for id_, voter in self.voters.items() if voter.status == ACTIVE]


class _Fold:
    def __init__(self, log: Log, register: Register, register_size: int, size: int) -> None:
        self.roll = Roll(f"{register.domain}/{log.path}")
        self.register = register
        self.roles = register.roles_held(register_size)  # ROLL-9
        self.entries = log.entries[:size]
        first = self.entries[0] if self.entries else None
        self.first = first.leaf if isinstance(first, Entry) else b""
        self.verdicts = Verdicts(self._signatures()) if self.first else Verdicts()

    def _signed(self, index: int, entry: Entry) -> list[Signature]:
        under = self.first if index else self.register.instance  # ENTRY-12
        return entry.signed(self.register.instance, self.roll.origin, under)

    def _possession(self, enrolment: Enrolment) -> Signature:
        """ROLL-5."""
        data = encode([enrolment.voter, enrolment.key])
        message = encode(
            ["veche/possession/v1", self.register.instance, self.roll.origin, self.first, data]
        )
        return Signature(enrolment.key, enrolment.possession, message)

    def _signatures(self) -> list[Signature]:
        found: list[Signature] = []
        for index, entry in enumerate(self.entries):
            if isinstance(entry, Entry):
                found += self._signed(index, entry)
                if isinstance(entry.body, EnrolEntry):
                    found += map(self._possession, entry.body.enrolments)
        return found

    def run(self) -> Roll:
        for index, entry in enumerate(self.entries):
            if isinstance(entry, Entry):
                try:
                    self._judge(index, entry)
                except Breach as breach:
                    self.roll.refused[index] = breach.code  # ENTRY-13: it changes nothing
        return self.roll

    def _judge(self, index: int, entry: Entry) -> None:
        """ROLL-8: place, signers, signatures, then what the kind asks for."""
        header = self.roll.header
        if (entry.kind == kinds.ROLL) != (index == 0) or (index > 0 and header is None):
            raise Breach("roll-header")  # ROLL-1
        self._signers(entry)
        if not self.verdicts.all_valid(self._signed(index, entry)):
            raise Breach("signature-invalid")
        if isinstance(entry.body, RollEntry):
            self._header(entry.body)
        elif isinstance(entry.body, RevokeEntry):
            self._revoke(entry.body)
        else:
            assert header is not None
            self._enrol(header, entry.body)

    def _signers(self, entry: Entry) -> None:
        """ROLL-2."""
        if len(entry.signers) != 2:
            raise Breach("officers-too-few", f"{len(entry.signers)} signers")
        if any(key not in self.roles for key in entry.signers):
            raise Breach("officer-unknown")
        one, other = (self.roles[key] for key in entry.signers)
        if not (
            (kinds.REGISTRAR in one and kinds.INSPECTOR in other)
            or (kinds.INSPECTOR in one and kinds.REGISTRAR in other)
        ):
            raise Breach("officer-role")

    def _header(self, header: RollEntry) -> None:
        """ROLL-3."""
        if not 0 < header.until - header.since <= LONGEST_LIFE:
            raise Breach("roll-life")
        if len({district.code for district in header.districts}) < len(header.districts):
            raise Breach("roll-district", "a code twice")
        self.roll.header = header

    def _revoke(self, revoke: RevokeEntry) -> None:
        """ROLL-7."""
        voters = self.roll.voters
        seen: set[bytes] = set()
        for voter, _ in revoke.revocations:
            if voter not in voters:
                raise Breach("voter-unknown")
            if voter in seen or voters[voter].status != ACTIVE:
                raise Breach("voter-revoked")
            seen.add(voter)
        for voter, reason in revoke.revocations:
            voters[voter].status = REVOKED_REPLACED if reason == REPLACED else REVOKED_LEFT

    def _enrol(self, header: RollEntry, enrol: EnrolEntry) -> None:
        """ROLL-4 and ROLL-6 for each enrolment, then ROLL-5; nothing changes before all pass."""
        voters, keys = self.roll.voters, self.roll.keys
        new_voters: dict[bytes, Voter] = {}
        new_keys: set[bytes] = set()
        succeeded: set[bytes] = set()
        for one in enrol.enrolments:
            if is_weak(one.key):
                raise Breach("key-weak")
            if one.district >= len(header.districts):
                raise Breach("roll-district")
            if one.voter in voters or one.voter in new_voters:
                raise Breach("voter-id-taken")
            if one.key in keys or one.key in new_keys:
                raise Breach("voter-key-taken")
            if one.replaces is not None:
                before = voters.get(one.replaces)
                if (
                    before is None
                    or before.status != REVOKED_REPLACED
                    or one.replaces in succeeded
                ):
                    raise Breach("replacement-invalid")  # ROLL-6
                succeeded.add(one.replaces)
            new_voters[one.voter] = Voter(one.key, one.district)
            new_keys.add(one.key)
        if not self.verdicts.all_valid(map(self._possession, enrol.enrolments)):
            raise Breach("possession-invalid")  # ROLL-5
        voters |= new_voters
        keys |= new_keys
        for voter in succeeded:
            voters[voter].status = REVOKED_AND_SUCCEEDED


def fold(log: Log, register: Register, register_size: int, size: int) -> Roll:
    """The first `size` entries of a roll, judged with the first `register_size` of the register."""
    return _Fold(log, register, register_size, size).run()
