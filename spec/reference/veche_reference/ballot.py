"""Which ballots count: the checks of a ballot in their order, and the one ballot of each voter."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Iterator, NamedTuple, Sequence

from . import sealing
from .breach import FAULT, Breach
from .count import bounds
from .credential import Scheme
from .definition import SEALED
from .ed25519 import Signature, Verdicts
from .entry import Entry
from .sealing import Seal
from .shape import BallotEntry, Credential, Definition, SealedContent, Selections

FIRST, LAST = 0, 1


class Cast(NamedTuple):
    """A ballot that was accepted, with the district that it counts in."""

    index: int
    district: str
    ballot: BallotEntry


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


def check_selections(definition: Definition, selections: Selections) -> None:
    """BALLOT-8."""
    if len(selections) != len(definition.questions):
        raise Breach("question-count")
    for question, choices in zip(definition.questions, selections):
        check_choices(choices, len(question.options), *bounds(question.rule))


@dataclass
class BallotBox:
    """The ballots of one poll from its Open on. `standing` has the last accepted of each key.

    `districts` are those of the voters' keys in a named poll; in an anonymous one `scheme` says
    what their credentials are judged by.
    """

    definition: Definition
    districts: dict[bytes, str]
    scheme: Scheme | None
    instance: bytes
    origin: str
    open_leaf: bytes
    verdicts: Verdicts = field(default_factory=Verdicts)
    novel: set[bytes] = field(default_factory=set)
    held: set[tuple[bytes, Credential]] = field(default_factory=set)
    standing: dict[bytes, Cast] = field(default_factory=dict)
    accepted: int = 0
    opened: dict[int, Selections] = field(default_factory=dict)
    spoiled: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.is_sealed = self.definition.secrecy == SEALED
        self.plaintext = sealing.length(self.definition) if self.is_sealed else 0

    def signed(self, entry: Entry) -> list[Signature]:
        return entry.signed(self.instance, self.origin, self.open_leaf)

    def verify_all(self, entries: Sequence[Entry]) -> None:
        """Verifies in one batch what `take` will ask for; it changes no verdict (ENTRY-10)."""
        claims: list[Signature] = []
        for entry in entries:
            try:
                self._check_signer(entry)
            except Breach:
                continue
            claims += self.signed(entry)
        self.verdicts = Verdicts(claims)

    def _check_signer(self, entry: Entry) -> bytes:
        """Of BALLOT-1 what comes before the signature; the answer is who signed."""
        ballot: BallotEntry = entry.body
        if self.scheme is not None and ballot.credential is None:
            raise Breach("credential-missing")  # BALLOT-12
        if self.scheme is None and ballot.credential is not None:
            raise Breach("credential-unexpected")  # BALLOT-12
        if isinstance(ballot.content, SealedContent) != self.is_sealed:
            raise Breach("ballot-content-kind")  # BALLOT-12
        if len(entry.signers) != 1:
            raise Breach("ballot-signers")  # BALLOT-2
        key = entry.signers[0]
        if ballot.credential is not None and self.scheme is not None:
            self.scheme.check_form(key, ballot.credential)  # BALLOT-13
        elif key not in self.districts:
            raise Breach("voter-unknown")  # BALLOT-3
        return key

    def take(self, index: int, entry: Entry) -> None:
        """BALLOT-1, after the phase."""
        key = self._check_signer(entry)
        if not self.verdicts.all_valid(self.signed(entry)):
            raise Breach("signature-invalid")  # BALLOT-4
        self._check_credential(key, entry.body)
        if isinstance(entry.body.content, SealedContent):
            sealing.check_form(entry.body.content, self.plaintext)  # SEAL-4
        if entry.data in self.novel:
            raise Breach("duplicate-entry")  # BALLOT-5
        cast = Cast(index, self._district(key, entry.body), entry.body)
        try:
            self._check_content(key, cast)
        except Breach as breach:
            assert FAULT[breach.code] == "voter"
            self.novel.add(entry.data)  # spoiled
            raise
        self.novel.add(entry.data)
        self.standing[key] = cast  # BALLOT-11
        self.accepted += 1

    def _check_credential(self, key: bytes, ballot: BallotEntry) -> None:
        """BALLOT-14. A voter who votes again brings the same credential."""
        credential = ballot.credential
        if self.scheme is None or credential is None or (key, credential) in self.held:
            return
        if not self.scheme.holds(key, credential):
            raise Breach("credential-invalid")
        self.held.add((key, credential))

    def _district(self, key: bytes, ballot: BallotEntry) -> str:
        return ballot.credential.code if ballot.credential else self.districts[key]

    def _check_content(self, key: bytes, cast: Cast) -> None:
        last, ballot = self.standing.get(key), cast.ballot
        if last is not None and last.district != cast.district:
            raise Breach("district-changed")  # BALLOT-15
        revote, max_turn = self.definition.revote
        if ballot.turn > max_turn:
            raise Breach("turn-out-of-range")  # BALLOT-7
        if not isinstance(ballot.content, SealedContent):
            check_selections(self.definition, ballot.content)  # BALLOT-8
        if last is not None:
            if revote == FIRST:
                raise Breach("already-voted")  # BALLOT-9
            # Accepted turns rise, so the last one accepted has the greatest.
            if ballot.turn <= last.ballot.turn:
                raise Breach("stale-turn")  # BALLOT-10

    # What the ballots say.

    def open_all(self, seal: Seal) -> None:
        """SEAL-5, SEAL-6: each standing ballot is opened, and spoiled if it does not."""
        for key, cast in self.standing.items():
            assert isinstance(cast.ballot.content, SealedContent)
            try:
                selections = sealing.read(seal.open(key, cast.ballot.content))
                check_selections(self.definition, selections)
                self.opened[cast.index] = selections
            except Breach as breach:
                self.spoiled[cast.index] = breach.code

    @property
    def effective(self) -> list[Cast]:
        """BALLOT-11 and SEAL-7; before sealed ballots can be opened, all that stand."""
        return [cast for cast in self.standing.values() if cast.index not in self.spoiled]

    def selections(self) -> Iterator[Selections]:
        """What the effective ballots choose, once they can be read."""
        for cast in self.effective:
            content = cast.ballot.content
            yield self.opened[cast.index] if isinstance(content, SealedContent) else content

    def voted(self) -> Counter[str]:
        """The accepted voters of each district (AUDIT-8), or credentials spent (AUDIT-13)."""
        return Counter(cast.district for cast in self.standing.values())
