"""A poll as a fold: its phases, who entered them, the electorate that Open fixes, and the result.

What the result of the fold is compared with, and the times of witnesses, are steps of the recount.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, NamedTuple

from . import payload as kinds
from . import roll as rolls
from .ballot import BallotBox, Elector
from .breach import Breach
from .count import check_rule, count
from .ed25519 import Verdicts
from .entry import Entry
from .log import Log
from .merkle import EMPTY_ROOT
from .payload import (
    Definition,
    DistrictTotals,
    EqualShares,
    Head,
    OpenEntry,
    OptionResult,
    Pin,
    QuestionResult,
    Result,
    Seen,
    Totals,
)
from .register import Register
from .roll import Roll
from .text import path_in

UNANNOUNCED, ANNOUNCED, OPENED, CLOSED, CERTIFIED, CANCELLED = (
    "unannounced", "announced", "open", "closed", "certified", "cancelled",
)
_ADMITTED = ""
_COLUMNS = (
    kinds.ANNOUNCE, kinds.OPEN, kinds.BALLOT, kinds.CLOSE, kinds.CERTIFY, kinds.CANCEL,
)
LIFE: dict[str, tuple[str, ...]] = {  # POLL-1
    UNANNOUNCED: (_ADMITTED, *["not-announced"] * 5),
    ANNOUNCED: (
        "announce-repeated", _ADMITTED, "ballot-before-open", "phase-out-of-order",
        "phase-out-of-order", _ADMITTED,
    ),
    OPENED: (
        "announce-repeated", "phase-repeated", _ADMITTED, _ADMITTED, "phase-out-of-order",
        _ADMITTED,
    ),
    CLOSED: (
        "announce-repeated", "phase-repeated", "ballot-after-close", "phase-repeated", _ADMITTED,
        "phase-out-of-order",
    ),
    CERTIFIED: (
        "announce-repeated", "phase-repeated", "ballot-after-close", "phase-repeated",
        "phase-repeated", "phase-out-of-order",
    ),
    CANCELLED: (
        "announce-repeated", "phase-out-of-order", "ballot-after-close", "phase-out-of-order",
        "phase-out-of-order", "phase-repeated",
    ),
}
NEXT = {
    kinds.ANNOUNCE: ANNOUNCED, kinds.OPEN: OPENED, kinds.CLOSE: CLOSED,
    kinds.CERTIFY: CERTIFIED, kinds.CANCEL: CANCELLED,
}
REASONS = {
    1: "the definition is wrong", 2: "a roll is wrong", 3: "technical failure", 4: "legal order",
}


class Standing(NamedTuple):
    index: int
    entry: Entry

    @property
    def seen(self) -> Seen:
        seen: Seen = self.entry.body.seen
        return seen


@dataclass
class Poll:
    """The state after all entries. `standing` has the standing phase entries by kind, in order."""

    origin: str
    log: Log
    register: Register
    read_roll: Callable[[str], Log]
    phase: str = UNANNOUNCED
    standing: dict[int, Standing] = field(default_factory=dict)
    rolls: dict[str, Roll] = field(default_factory=dict)
    box: BallotBox | None = None
    refused: dict[int, str] = field(default_factory=dict)

    @property
    def definition(self) -> Definition | None:
        announce = self.standing.get(kinds.ANNOUNCE)
        return announce.entry.body.definition if announce else None

    @property
    def opened(self) -> OpenEntry | None:
        opened = self.standing.get(kinds.OPEN)
        return opened.entry.body if opened else None

    @property
    def last(self) -> Standing | None:
        return list(self.standing.values())[-1] if self.standing else None

    def index_of(self, *of_kinds: int) -> int | None:
        """The index of the standing entry of one of these kinds, of which at most one stands."""
        return next((self.standing[k].index for k in of_kinds if k in self.standing), None)

    def refused_ballots(self) -> dict[int, str]:
        """The refused ballots that decode."""
        return {index: code for index, code in self.refused.items() if self._is_ballot(index)}

    def refused_acts(self) -> dict[int, str]:
        """The refused phase entries that decode."""
        return {
            index: code
            for index, code in self.refused.items()
            if isinstance(self.log.entries[index], Entry) and not self._is_ballot(index)
        }

    def _is_ballot(self, index: int) -> bool:
        entry = self.log.entries[index]
        return isinstance(entry, Entry) and entry.kind == kinds.BALLOT

    # The fold.

    def run(self) -> None:
        for index, entry in enumerate(self.log.entries):
            try:
                if isinstance(entry, Breach):
                    raise entry
                self._judge(index, entry)
            except Breach as breach:
                self.refused[index] = breach.code

    def _judge(self, index: int, entry: Entry) -> None:
        code = LIFE[self.phase][_COLUMNS.index(entry.kind)]
        if code != _ADMITTED:
            raise Breach(code)
        if entry.kind == kinds.BALLOT:
            assert self.box is not None
            self.box.take(entry)
            return
        self._act(index, entry)
        self.standing[entry.kind] = Standing(index, entry)
        self.phase = NEXT[entry.kind]
        if entry.kind == kinds.OPEN:
            later = [e for e in self.log.entries[index + 1 :] if isinstance(e, Entry)]
            assert self.box is not None
            self.box.verify_all([e for e in later if e.kind == kinds.BALLOT])

    def _act(self, index: int, entry: Entry) -> None:
        """POLL-2, after the phase."""
        seen: Seen = entry.body.seen
        if len(entry.signers) < 2:
            raise Breach("officers-too-few")  # POLL-3
        if not 1 <= seen.register.size <= self.register.log.size:
            raise Breach("seen-mismatch", "the register's size")
        officers = self.register.officers_at(seen.register.size)
        for key in entry.signers:  # POLL-4
            if key not in officers:
                raise Breach("officer-unknown")
            if kinds.POLL_OFFICER not in officers[key]:
                raise Breach("officer-role")
        under = self.last.entry.leaf if self.last else self.register.instance  # ENTRY-12
        claims = entry.signed(self.register.instance, self.origin, under)
        if not Verdicts(claims).all_valid(claims):
            raise Breach("signature-invalid")
        self._check_seen(index, seen)
        self._check_anchored_officers(index, entry, seen)
        if entry.kind == kinds.ANNOUNCE:
            self._check_definition(entry.body.definition)
        elif entry.kind == kinds.OPEN:
            self._check_open(entry.leaf, entry.body)

    def _check_seen(self, index: int, seen: Seen) -> None:
        if self.last is None:
            own = seen.own == Head(0, EMPTY_ROOT)
        else:
            own = self.last.index + 1 <= seen.own.size <= index and self.log.has_root(*seen.own)
        if not own:
            raise Breach("seen-mismatch", "the poll")  # POLL-5
        before = self.last.seen.register.size if self.last else 0
        if seen.register.size < before or not self.register.log.has_root(*seen.register):
            raise Breach("seen-mismatch", "the register")  # POLL-6

    def _check_anchored_officers(self, index: int, entry: Entry, seen: Seen) -> None:
        """POLL-7."""
        anchors = self.register.anchors.get(self.origin, [])
        named = [anchor.index for anchor in anchors if anchor.size <= index]
        announced = self.register.announced.get(self.origin)
        if named:
            j = named[-1]
        elif announced:
            j = announced.index
        else:
            return
        if j > seen.register.size:
            officers = self.register.officers_at(j)
            if any(kinds.POLL_OFFICER not in officers.get(key, ()) for key in entry.signers):
                raise Breach("officer-pin-stale")

    def _check_definition(self, definition: Definition) -> None:
        for question in definition.questions:
            labels = [option.label for option in question.options]
            if len(set(labels)) < len(labels):
                raise Breach("definition-invalid", "a label twice")  # POLL-8
        for origin in definition.rolls:
            path = path_in(origin, self.register.domain)
            if path is None or not path.startswith("roll/"):
                raise Breach("definition-invalid", "an origin of no roll")  # POLL-8
        opens_at, closes_at, tolerance = definition.schedule
        numerator, denominator = definition.quorum
        if not (
            opens_at < closes_at
            and tolerance <= closes_at - opens_at
            and denominator >= 1
            and numerator <= denominator
            and 100 <= definition.interval <= 3_600_000
        ):
            raise Breach("definition-invalid", "times, quorum or interval")  # POLL-9
        if definition.identity != 0 or definition.secrecy != 0:
            raise Breach("definition-invalid", "not named and open")  # POLL-10
        for question in definition.questions:
            costs = [option.cost for option in question.options]
            check_rule(question.rule, costs)
            if not isinstance(question.rule, EqualShares) and any(costs):
                raise Breach("definition-invalid", "costs without a budget")  # POLL-10

    # Open.

    def _check_open(self, leaf: bytes, opened: OpenEntry) -> None:
        definition = self.definition
        assert definition is not None
        if tuple(pin.origin for pin in opened.pins) != definition.rolls:
            raise Breach("roll-pin-mismatch", "other rolls")  # POLL-11
        folded: dict[str, Roll] = {}
        for pin in opened.pins:
            folded[pin.origin] = self._check_pin(definition, pin, opened.seen.register.size)
        known = {code for pin in opened.pins for code in _codes(folded[pin.origin])}
        if not known.issuperset(definition.districts):
            raise Breach("roll-district", "a district of no roll")  # POLL-13
        voters = [
            (id_, voter.key, codes[voter.district])
            for roll in folded.values()
            for codes in [_codes(roll)]
            for id_, voter in roll.active()
            if _admits(definition, codes[voter.district])
        ]
        if len({id_ for id_, _, _ in voters}) < len(voters):
            raise Breach("voter-id-taken")  # POLL-14
        if len({key for _, key, _ in voters}) < len(voters):
            raise Breach("voter-key-taken")  # POLL-14
        self.rolls = folded
        self.box = BallotBox(
            definition,
            {key: Elector(id_, district) for id_, key, district in voters},
            self.register.instance,
            self.origin,
            leaf,
        )

    def _check_pin(self, definition: Definition, pin: Pin, register_size: int) -> Roll:
        log = self.read_roll(pin.origin)
        announced = self.register.announcement(pin.origin, register_size)
        if announced is None or not log.raw or announced.first != log.tree.levels[0][0]:
            raise Breach("log-not-announced", pin.origin)  # POLL-11
        if pin.size < 1 or not log.has_root(pin.size, pin.root):
            raise Breach("roll-pin-mismatch", "its head")  # POLL-12
        roll = rolls.fold(log, self.register, register_size, pin.size)  # ROLL-9
        if roll.header is None:
            raise Breach("roll-pin-mismatch", "no header")  # POLL-12
        opens_at, closes_at, _ = definition.schedule
        if roll.header.since > opens_at or roll.header.until < closes_at:
            raise Breach("roll-life")  # POLL-12
        if pin.eligible != _eligible(definition, roll):
            raise Breach("roll-pin-mismatch", "its districts")  # POLL-13
        return roll

    # The result.

    def result(self) -> Result | None:
        """POLL-19 and POLL-20; None if no Open stands."""
        definition, opened, box = self.definition, self.opened, self.box
        if definition is None or opened is None or box is None:
            return None
        eligible: dict[str, int] = {}
        for pin in opened.pins:
            for code, voters in pin.eligible:
                eligible[code] = eligible.get(code, 0) + voters
        effective = dict.fromkeys(eligible, 0)
        for key in box.standing:
            effective[box.electorate[key].district] += 1
        districts = tuple(
            DistrictTotals(code, eligible[code], effective[code]) for code in sorted(eligible)
        )
        totals = Totals(sum(eligible.values()), sum(effective.values()), districts)
        numerator, denominator = definition.quorum
        questions = []
        for place, question in enumerate(definition.questions):
            counted = count(
                question.rule,
                [option.cost for option in question.options],
                [ballot.selections[place] for ballot in box.standing.values()],
            )
            lines = zip(question.options, counted.votes, counted.selected)
            questions.append(
                QuestionResult(
                    counted.blank,
                    tuple(OptionResult(option.label, *line) for option, *line in lines),
                )
            )
        met = totals.effective * denominator >= numerator * totals.eligible
        return Result(totals, met, tuple(questions))


def _codes(roll: Roll) -> list[str]:
    return [district.code for district in roll.header.districts] if roll.header else []


def _admits(definition: Definition, code: str) -> bool:
    return not definition.districts or code in definition.districts  # ROLL-11


def _eligible(definition: Definition, roll: Roll) -> tuple[tuple[str, int], ...]:
    """POLL-13: what a pin of this roll has to list."""
    codes = _codes(roll)
    voters = dict.fromkeys((code for code in codes if _admits(definition, code)), 0)
    for _, voter in roll.active():
        if codes[voter.district] in voters:
            voters[codes[voter.district]] += 1
    return tuple(sorted(voters.items()))
