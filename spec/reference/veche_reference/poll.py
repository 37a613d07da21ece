"""A poll as a fold: its phases, who entered them, and what each entry of its log comes to.

What the kinds of entries ask for stands in modules of their own: `definition`, `electorate`,
`issuing`, `ceremony`, `ballot`. What the result is compared with, and the times of witnesses, are
steps of the recount.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Sequence

from . import act, electorate, phase
from . import definition as definitions
from . import kind as kinds
from . import result as results
from .act import Standing
from .ballot import BallotBox
from .breach import Breach
from .ceremony import COMPLETE, Ceremony
from .credential import Scheme
from .ed25519 import Verdicts
from .electorate import Electorate
from .entry import Entry
from .issuing import Issuing
from .log import Log
from .register import Register
from .sealing import Seal
from .shape import CancelEntry, Definition, OpenEntry, Result, ShareEntry

SHARES_MISSING = 5
REASONS = {
    1: "the definition is wrong", 2: "a roll is wrong", 3: "technical failure", 4: "legal order",
    SHARES_MISSING: "too few trustees have posted their shares",
}


@dataclass
class Poll:
    """The state after all entries. `standing` has the standing phase entries by kind, in order.

    `issuing` is None in a poll that is not anonymous, `ceremony` in one that is not sealed.
    """

    origin: str
    log: Log
    register: Register
    read_roll: Callable[[str], Log]
    phase: str = phase.UNANNOUNCED
    standing: dict[int, Standing] = field(default_factory=dict)
    electorate: Electorate | None = None
    issuing: Issuing | None = None
    ceremony: Ceremony | None = None
    box: BallotBox | None = None
    refused: dict[int, str] = field(default_factory=dict)
    verdicts: Verdicts = field(default_factory=Verdicts)

    @property
    def definition(self) -> Definition | None:
        announce = self.standing.get(kinds.ANNOUNCE)
        return announce.entry.body.definition if announce else None

    @property
    def last(self) -> Standing | None:
        return list(self.standing.values())[-1] if self.standing else None

    @property
    def spoiled(self) -> dict[int, str]:
        """The ballots that SEAL-6 has spoiled; they were accepted."""
        return self.box.spoiled if self.box else {}

    @property
    def scheme(self) -> Scheme | None:
        """What credentials are judged by, once a Begin stands."""
        begin = self.standing.get(kinds.BEGIN)
        if begin is None or self.issuing is None or self.electorate is None:
            return None
        moduli = {
            code: self.issuing.moduli_of(code)
            for code, number in self.electorate.eligible.items()
            if number  # BALLOT-13
        }
        return Scheme(self.register.instance, self.origin, begin.entry.leaf, moduli)

    def index_of(self, *of_kinds: int) -> int | None:
        """The index of the standing entry of one of these kinds, the first that there is."""
        return next((self.standing[k].index for k in of_kinds if k in self.standing), None)

    def refused_of(self, of_kinds: Sequence[int]) -> dict[int, str]:
        """The refused entries of these kinds; one that does not decode has none."""
        return {
            index: code
            for index, code in self.refused.items()
            for entry in [self.log.entries[index]]
            if isinstance(entry, Entry) and entry.kind in of_kinds
        }

    def result(self) -> Result | None:
        """POLL-20; None if no Open stands, or ballots are sealed still."""
        if self.definition is None or self.electorate is None or self.box is None:
            return None
        if self.ceremony is not None and not self.ceremony.can_open:
            return None
        return results.compute(self.definition, self.electorate, self.box)

    # The fold.

    def run(self) -> None:
        for index, entry in enumerate(self.log.entries):
            try:
                if isinstance(entry, Breach):
                    raise entry
                self._judge(index, entry)
            except Breach as breach:
                self.refused[index] = breach.code
        if self.box is not None and self.ceremony is not None and self.ceremony.can_open:
            self.box.open_all(
                Seal(
                    self.ceremony.decryption_key(),
                    self.ceremony.election_key(),
                    self.standing[kinds.OPEN].entry.leaf,
                )
            )

    def _judge(self, index: int, entry: Entry) -> None:
        phase.admit(self.phase, entry.kind)
        if entry.kind == kinds.BALLOT:
            assert self.box is not None
            self.box.take(index, entry)
        elif entry.kind in kinds.OF_ISSUING:
            self._judge_issuing(index, entry)
        elif entry.kind in kinds.OF_CEREMONY:
            self._judge_ceremony(index, entry)
        else:
            self._judge_phase_entry(index, entry)

    def _check_signatures(self, entry: Entry, under: int) -> None:
        """ENTRY-11, under the standing phase entry of a kind."""
        leaf = self.standing[under].entry.leaf
        if not self.verdicts.all_valid(
            entry.signed(self.register.instance, self.origin, leaf)
        ):
            raise Breach("signature-invalid")

    def _later(self, index: int, of_kinds: Sequence[int]) -> list[Entry]:
        entries = self.log.entries[index + 1 :]
        return [e for e in entries if isinstance(e, Entry) and e.kind in of_kinds]

    # Phase entries.

    def _judge_phase_entry(self, index: int, entry: Entry) -> None:
        """POLL-2."""
        self._check_place(entry)
        act.check(self.register, self.origin, self.log, self.last, index, entry)
        pinned = None
        if entry.kind == kinds.ANNOUNCE:
            definitions.check(entry.body.definition, self.register.domain)
        elif entry.kind == kinds.BEGIN:
            pinned = self._pinned(entry)
            assert self.issuing is not None
            self.issuing.check_crowds(pinned.eligible)
        elif entry.kind == kinds.OPEN:
            pinned = self._check_open(entry)
        elif entry.kind == kinds.CERTIFY:
            if self.ceremony is not None and not self.ceremony.can_open:
                raise Breach("shares-missing")  # POLL-24
        self.standing[entry.kind] = Standing(index, entry)
        self.phase = phase.NEXT[entry.kind]
        self.electorate = pinned or self.electorate
        if entry.kind == kinds.ANNOUNCE:
            self._announced(entry)
        elif entry.kind == kinds.BEGIN:
            self._begun(index, entry)
        elif entry.kind == kinds.OPEN:
            self._opened(index, entry)

    def _check_place(self, entry: Entry) -> None:
        """POLL-21."""
        if entry.kind == kinds.BEGIN and self.issuing is None:
            raise Breach("entry-not-of-poll", "a Begin of a named poll")
        if entry.kind == kinds.OPEN and self.issuing is not None and self.phase != phase.BEGUN:
            raise Breach("phase-out-of-order", "an Open without a Begin")
        if isinstance(entry.body, CancelEntry):
            waits = self.phase == phase.CLOSED
            unopened = self.ceremony is not None and not self.ceremony.can_open
            if (entry.body.reason == SHARES_MISSING) != waits or (waits and not unopened):
                raise Breach("phase-out-of-order", "a Cancel for this reason")

    def _pinned(self, entry: Entry) -> Electorate:
        assert self.definition is not None
        return electorate.pinned(self.definition, entry.body, self.register, self.read_roll)

    def _check_open(self, entry: Entry) -> Electorate | None:
        opened: OpenEntry = entry.body
        if self.ceremony is not None:  # CEREMONY-11
            if self.ceremony.stage != COMPLETE:
                raise Breach("ceremony-incomplete", self.ceremony.stage)
            if opened.seen.own.size <= self.ceremony.last_ready:
                raise Breach("seen-mismatch", "not the last ready")
        if self.issuing is None:
            return self._pinned(entry)
        if opened.pins:
            raise Breach("roll-pin-mismatch", "pins after those of Begin")  # POLL-22
        return None

    def _announced(self, entry: Entry) -> None:
        definition: Definition = entry.body.definition
        if definition.issuance is not None:
            self.issuing = Issuing(definition, definition.issuance)
        if definition.secrecy == definitions.SEALED:
            self.ceremony = Ceremony(definition.trustees, entry.leaf)

    def _begun(self, index: int, begin: Entry) -> None:
        """Verifies in one batch what requests and issued entries will ask for."""
        assert self.electorate is not None and self.issuing is not None
        known = {issuer.key for issuer in self.issuing.issuance.issuers}
        known.update(self.electorate.districts)
        self.verdicts = Verdicts(
            [
                signature
                for entry in self._later(index, (kinds.REQUEST, kinds.ISSUED))
                if len(entry.signers) == 1 and entry.signers[0] in known
                for signature in entry.signed(self.register.instance, self.origin, begin.leaf)
            ]
        )

    def _opened(self, index: int, entry: Entry) -> None:
        assert self.definition is not None and self.electorate is not None
        self.box = BallotBox(
            self.definition,
            self.electorate.districts,
            self.scheme,
            self.register.instance,
            self.origin,
            entry.leaf,
        )
        self.box.verify_all(self._later(index, (kinds.BALLOT,)))

    # Issuing and the ceremony.

    def _judge_issuing(self, index: int, entry: Entry) -> None:
        issuing = self.issuing
        if issuing is None:
            raise Breach("entry-not-of-poll", "a poll that is not anonymous")
        if entry.kind == kinds.ISSUER_KEYS:
            issuer = issuing.issuer(entry.signers)
            self._check_signatures(entry, kinds.ANNOUNCE)
            issuing.take_keys(issuer, entry.body)
            return
        issuing.check_over(self.phase == phase.OPENED)
        assert self.electorate is not None
        if entry.kind == kinds.ISSUED:
            issuer = issuing.issuer(entry.signers)
            self._check_signatures(entry, kinds.BEGIN)
            issuing.issue(issuer, entry.body)
            return
        key = entry.signers[0]
        if len(entry.signers) != 1 or key not in self.electorate.districts:
            raise Breach("voter-unknown")  # CRED-7
        self._check_signatures(entry, kinds.BEGIN)
        issuing.request(index, key, self.electorate.districts[key], entry.body)

    def _judge_ceremony(self, index: int, entry: Entry) -> None:
        """CEREMONY-1, and then what the kind asks for."""
        ceremony = self.ceremony
        if ceremony is None:
            raise Breach("entry-not-of-poll", "a poll that is not sealed")
        if entry.kind == kinds.EXCLUDE:
            act.check(self.register, self.origin, self.log, self.last, index, entry)
            ceremony.exclude(entry.body)
            return
        trustee = ceremony.trustee(entry.signers)
        if entry.kind == kinds.SHARE:
            self._check_signatures(entry, kinds.CLOSE)
            self._check_share_head(index, entry.body)
            ceremony.share(trustee, entry.body)
            return
        self._check_signatures(entry, kinds.ANNOUNCE)
        ceremony.check_number(entry.body.ceremony)
        if entry.kind == kinds.JOIN:
            ceremony.join(trustee, entry.leaf, entry.body)
        elif entry.kind == kinds.DEAL:
            ceremony.deal(trustee, entry.leaf, entry.body)
        elif entry.kind == kinds.COMPLAINT:
            ceremony.complain(trustee, entry.body)
        else:
            ceremony.confirm(trustee, index, entry.body)

    def _check_share_head(self, index: int, body: ShareEntry) -> None:
        """CEREMONY-12: that the trustee has seen the Close."""
        close = self.standing[kinds.CLOSE].index
        if not close < body.head.size <= index or not self.log.has_root(*body.head):
            raise Breach("seen-mismatch", "the poll, or not its Close")
