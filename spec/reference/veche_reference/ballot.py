"""Which ballots count: the checks of a ballot in their order, and the one ballot of each voter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Sequence

from .breach import FAULT, Breach
from .count import bounds
from .ed25519 import Signature, Verdicts
from .entry import Entry
from .payload import BallotEntry, Definition

FIRST, LAST = 0, 1


class Elector(NamedTuple):
    voter: bytes
    district: str


def check_choices(choices: Sequence[int], options: int, low: int, high: int) -> None:
    """BALLOT-8, for one question; COUNT-5 asks the same."""
    before: set[int] = set()
    for place, choice in enumerate(choices):
        if choice >= options:
            raise Breach("choice-out-of-range")
        if choice in before:
            raise Breach("choice-duplicated")
        if place and choice < choices[place - 1]:
            raise Breach("choice-disordered")
        before.add(choice)
    if len(choices) < low:
        raise Breach("choices-too-few")
    if len(choices) > high:
        raise Breach("choices-too-many")


@dataclass
class BallotBox:
    """The ballots of one poll from its Open on. `standing` has the last accepted of each key."""

    definition: Definition
    electorate: dict[bytes, Elector]
    instance: bytes
    origin: str
    open_leaf: bytes
    verdicts: Verdicts = field(default_factory=Verdicts)
    novel: set[bytes] = field(default_factory=set)
    standing: dict[bytes, BallotEntry] = field(default_factory=dict)
    accepted: int = 0

    def signed(self, entry: Entry) -> list[Signature]:
        return entry.signed(self.instance, self.origin, self.open_leaf)

    def verify_all(self, entries: Sequence[Entry]) -> None:
        """Verifies in one batch what `take` will ask for; it changes no verdict (ENTRY-10)."""
        self.verdicts = Verdicts(
            [
                signature
                for entry in entries
                if len(entry.signers) == 1 and entry.signers[0] in self.electorate
                for signature in self.signed(entry)
            ]
        )

    def take(self, entry: Entry) -> None:
        """BALLOT-1, after the phase."""
        if len(entry.signers) != 1:
            raise Breach("ballot-signers")  # BALLOT-2
        key = entry.signers[0]
        if key not in self.electorate:
            raise Breach("voter-unknown")  # BALLOT-3
        if not self.verdicts.all_valid(self.signed(entry)):
            raise Breach("signature-invalid")  # BALLOT-4
        if entry.data in self.novel:
            raise Breach("duplicate-entry")  # BALLOT-5
        try:
            self._check_content(key, entry.body)
        except Breach as breach:
            assert FAULT[breach.code] == "voter"
            self.novel.add(entry.data)  # spoiled
            raise
        self.novel.add(entry.data)
        self.standing[key] = entry.body  # BALLOT-11
        self.accepted += 1

    def _check_content(self, key: bytes, ballot: BallotEntry) -> None:
        revote, max_turn = self.definition.revote
        if ballot.turn > max_turn:
            raise Breach("turn-out-of-range")  # BALLOT-7
        questions = self.definition.questions
        if len(ballot.selections) != len(questions):
            raise Breach("question-count")  # BALLOT-8
        for question, choices in zip(questions, ballot.selections):
            check_choices(choices, len(question.options), *bounds(question.rule))
        last = self.standing.get(key)
        if last is not None:
            if revote == FIRST:
                raise Breach("already-voted")  # BALLOT-9
            # Accepted turns rise, so the last one accepted has the greatest.
            if ballot.turn <= last.turn:
                raise Breach("stale-turn")  # BALLOT-10
