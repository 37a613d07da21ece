"""What entries say: a class for each rule of veche.cddl, and the reading of payloads.

Fields are read and judged in the order of ENTRY-8. What an entry means, and whether it stands, is
judged by the folds of the three kinds of logs.
"""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Union

from . import ed25519
from .breach import Breach
from .cbor import LARGEST, Reader
from .text import is_domain

VERSION = 1

GENESIS, OFFICERS, COMMISSION, LOG, ANCHORS = 0, 1, 2, 4, 5
ROLL, ENROL, REVOKE = 16, 17, 18
ANNOUNCE, OPEN, BALLOT, CLOSE, CERTIFY, CANCEL = 32, 34, 35, 36, 37, 38

KINDS = {  # ENTRY-5
    "register": (GENESIS, OFFICERS, COMMISSION, LOG, ANCHORS),
    "roll": (ROLL, ENROL, REVOKE),
    "poll": (ANNOUNCE, OPEN, BALLOT, CLOSE, CERTIFY, CANCEL),
}

REGISTRAR, INSPECTOR, POLL_OFFICER, MODERATOR = 1, 2, 3, 4


class Commission(NamedTuple):
    threshold: int
    keys: tuple[bytes, ...]


class Officer(NamedTuple):
    key: bytes
    label: str
    roles: tuple[int, ...]


class Head(NamedTuple):
    size: int
    root: bytes


class AnchoredHead(NamedTuple):
    origin: str
    size: int
    root: bytes


class Seen(NamedTuple):
    own: Head
    register: Head


class GenesisEntry(NamedTuple):
    domain: str
    city: str
    log_key: bytes
    commission: Commission
    officers: tuple[Officer, ...]


class OfficersEntry(NamedTuple):
    officers: tuple[Officer, ...]


class CommissionEntry(NamedTuple):
    commission: Commission


class LogEntry(NamedTuple):
    origin: str
    first: bytes


class AnchorsEntry(NamedTuple):
    heads: tuple[AnchoredHead, ...]
    register_checkpoint: bytes | None


class District(NamedTuple):
    code: str
    label: str


class RollEntry(NamedTuple):
    title: str
    districts: tuple[District, ...]
    since: int
    until: int


class Enrolment(NamedTuple):
    voter: bytes
    key: bytes
    district: int
    possession: bytes
    census: bytes
    replaces: bytes | None


class EnrolEntry(NamedTuple):
    enrolments: tuple[Enrolment, ...]


class Revocation(NamedTuple):
    voter: bytes
    reason: int


class RevokeEntry(NamedTuple):
    revocations: tuple[Revocation, ...]


class Option(NamedTuple):
    label: str
    details: bytes | None
    cost: int


class SingleChoice(NamedTuple):
    blank: int
    ties: tuple[int, ...]


class Approval(NamedTuple):
    min: int
    max: int
    winners: int
    ties: tuple[int, ...]


class EqualShares(NamedTuple):
    min: int
    max: int
    budget: int
    completion: int
    exhaustion: int
    ties: tuple[int, ...]


Rule = Union[SingleChoice, Approval, EqualShares]


class Question(NamedTuple):
    title: str
    details: bytes | None
    options: tuple[Option, ...]
    rule: Rule


class Schedule(NamedTuple):
    opens_at: int
    closes_at: int
    tolerance: int


class Definition(NamedTuple):
    title: str
    details: bytes | None
    questions: tuple[Question, ...]
    identity: int
    secrecy: int
    revote: tuple[int, int]
    rolls: tuple[str, ...]
    districts: tuple[str, ...]
    schedule: Schedule
    quorum: tuple[int, int]
    interval: int


class Pin(NamedTuple):
    origin: str
    size: int
    root: bytes
    eligible: tuple[tuple[str, int], ...]


class AnnounceEntry(NamedTuple):
    seen: Seen
    definition: Definition


class OpenEntry(NamedTuple):
    seen: Seen
    pins: tuple[Pin, ...]


class BallotEntry(NamedTuple):
    turn: int
    selections: tuple[tuple[int, ...], ...]


class CloseEntry(NamedTuple):
    seen: Seen


class OptionResult(NamedTuple):
    label: str
    votes: int
    selected: bool


class QuestionResult(NamedTuple):
    blank: int
    outcome: tuple[OptionResult, ...]


class DistrictTotals(NamedTuple):
    code: str
    eligible: int
    effective: int


class Totals(NamedTuple):
    eligible: int
    effective: int
    districts: tuple[DistrictTotals, ...]


class Result(NamedTuple):
    """As a Certify holds it: encoding the fields as arrays gives the bytes of the law."""

    totals: Totals
    quorum_met: bool
    questions: tuple[QuestionResult, ...]


class CertifyEntry(NamedTuple):
    seen: Seen
    result: Result


class CancelEntry(NamedTuple):
    seen: Seen
    reason: int


class PayloadReader(Reader):
    """Reads one payload; every defect of what it says is `entry-fields` (ENTRY-6)."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data, "entry-fields")

    def decode(self, kinds: tuple[int, ...]) -> tuple[int, Any]:
        count = self.array(2)
        kind, version = self.uint(), self.uint()
        if kind not in kinds or version != VERSION:
            raise Breach("entry-unknown-kind", f"kind {kind}, version {version}")  # ENTRY-5
        items, body = _BODIES[kind]
        if count != items:
            raise self.refuse(f"{count} items where kind {kind} has {items}")
        decoded = body(self)
        self.end()
        return kind, decoded

    def ordered(self, low: int, high: int, item: Callable[[], Any]) -> tuple[Any, ...]:
        """An array whose order is judged as each later item has been read (ENTRY-8)."""
        items: list[Any] = []
        for _ in range(self.array(low, high)):
            items.append(item())
            if len(items) > 1 and not items[-2] < items[-1]:
                raise self.refuse("items that are not ascending")
        return tuple(items)

    # Fields that several kinds have.

    def label(self) -> str:
        return self.text(1, 1000)

    def code(self) -> str:
        return self.text(1, 64)

    def origin(self) -> str:
        return self.text(1, 255)

    def hash(self) -> bytes:
        return self.bytes(32)

    def details(self) -> bytes | None:
        return self.optional(self.hash)

    def appointed(self) -> bytes:
        """A key that is appointed here; ENTRY-9 is judged as soon as its bytes are read."""
        key = self.bytes(32)
        if ed25519.is_weak(key):
            raise Breach("key-weak", key.hex())
        return key

    def head(self) -> Head:
        self.array(2, 2)
        return Head(self.uint(), self.hash())

    def seen(self) -> Seen:
        self.array(2, 2)
        return Seen(self.head(), self.head())

    # The register.

    def genesis(self) -> GenesisEntry:
        domain = self.text(1, 180)
        if not is_domain(domain):
            raise self.refuse("a domain that is none")
        city = self.label()
        log_key = self.appointed()
        commission = self.commission()
        if log_key in commission.keys:
            raise self.refuse("the log key is in the commission")
        officers = self.officer_list()
        if any(officer.key == log_key for officer in officers):
            raise self.refuse("the log key is an officer's")
        return GenesisEntry(domain, city, log_key, commission, officers)

    def commission(self) -> Commission:
        self.array(2, 2)
        threshold = self.uint(1, 32)
        keys = self.ordered(1, 32, self.appointed)
        if threshold > len(keys):
            raise self.refuse("a threshold above the number of keys")
        return Commission(threshold, keys)

    def officer_list(self) -> tuple[Officer, ...]:
        officers: list[Officer] = []
        for _ in range(self.array(1, 256)):
            self.array(3, 3)
            key = self.appointed()
            if officers and not officers[-1].key < key:
                raise self.refuse("officers that are not ascending")
            label = self.label()
            roles = self.ordered(1, 4, lambda: self.uint(REGISTRAR, MODERATOR))
            officers.append(Officer(key, label, roles))
        return tuple(officers)

    def officers(self) -> OfficersEntry:
        return OfficersEntry(self.officer_list())

    def new_commission(self) -> CommissionEntry:
        return CommissionEntry(self.commission())

    def log(self) -> LogEntry:
        return LogEntry(self.origin(), self.hash())

    def anchors(self) -> AnchorsEntry:
        heads = self.many(0, 218, self.anchored_head)
        return AnchorsEntry(heads, self.optional(self.bytes))

    def anchored_head(self) -> AnchoredHead:
        self.array(3, 3)
        return AnchoredHead(self.origin(), self.uint(), self.hash())

    # Rolls.

    def roll(self) -> RollEntry:
        title = self.label()
        districts = self.many(1, 1024, self.district)
        return RollEntry(title, districts, self.uint(), self.uint())

    def district(self) -> District:
        self.array(2, 2)
        return District(self.code(), self.label())

    def enrol(self) -> EnrolEntry:
        return EnrolEntry(self.many(1, 256, self.enrolment))

    def enrolment(self) -> Enrolment:
        self.array(6, 6)
        return Enrolment(
            self.voter(), self.bytes(32), self.uint(), self.bytes(64), self.hash(),
            self.optional(self.voter),
        )

    def voter(self) -> bytes:
        return self.bytes(16)

    def revoke(self) -> RevokeEntry:
        return RevokeEntry(self.many(1, 1024, self.revocation))

    def revocation(self) -> Revocation:
        self.array(2, 2)
        return Revocation(self.voter(), self.uint(0, 1))

    # Polls.

    def announce(self) -> AnnounceEntry:
        return AnnounceEntry(self.seen(), self.definition())

    def definition(self) -> Definition:
        self.array(13, 13)
        title, details = self.label(), self.details()
        questions = self.many(1, 16, self.question)
        identity, secrecy = self.uint(0, 1), self.uint(0, 2)
        revote = self.revote()
        rolls = self.ordered(1, 16, self.origin)
        districts = self.ordered(0, 1024, self.code)
        self.array(3, 3)
        schedule = Schedule(self.uint(), self.uint(), self.uint())
        self.array(2, 2)
        quorum = (self.uint(), self.uint())
        self.array(0, 0)  # issuers
        self.array(2, 2)  # trustees
        self.uint(0, 0)
        self.array(0, 0)
        return Definition(
            title, details, questions, identity, secrecy, revote, rolls, districts, schedule,
            quorum, self.uint(),
        )

    def revote(self) -> tuple[int, int]:
        self.array(2, 2)
        rule, max_turn = self.uint(0, 1), self.uint(0, 15)
        if rule == 0 and max_turn != 0:
            raise self.refuse("turns where the first ballot counts")
        return rule, max_turn

    def question(self) -> Question:
        self.array(4, 4)
        return Question(
            self.label(), self.details(), self.many(1, 1024, self.option), self.rule()
        )

    def option(self) -> Option:
        self.array(3, 3)
        return Option(self.label(), self.details(), self.uint())

    def rule(self) -> Rule:
        """The number of items depends on the first, so it is judged when that is read."""
        count = self.array(1)
        rule = self.uint(0, 2)
        if count != (3, 5, 7)[rule]:
            raise self.refuse(f"{count} items in rule {rule}")
        if rule == 0:
            return SingleChoice(self.uint(0, 1), self.ties())
        if rule == 1:
            return Approval(self.uint(), self.uint(), self.uint(), self.ties())
        return EqualShares(
            self.uint(), self.uint(), self.uint(), self.uint(0, 2), self.uint(0, 1), self.ties()
        )

    def ties(self) -> tuple[int, ...]:
        ties: list[int] = []
        for _ in range(self.array(0)):
            criterion = self.uint(0, 2)
            if criterion in ties:
                raise self.refuse("a criterion twice")
            ties.append(criterion)
        return tuple(ties)

    def open(self) -> OpenEntry:
        return OpenEntry(self.seen(), self.many(1, 16, self.pin))

    def pin(self) -> Pin:
        self.array(4, 4)
        return Pin(self.origin(), self.uint(), self.hash(), self.many(1, 1024, self.counted))

    def counted(self) -> tuple[str, int]:
        self.array(2, 2)
        return self.code(), self.uint()

    def ballot(self) -> BallotEntry:
        turn = self.uint(0, 15)
        self.array(2, 2)
        kind = self.uint()
        if kind != 1:
            raise Breach("ballot-content-kind", f"kind {kind}")  # BALLOT-6
        return BallotEntry(turn, self.many(1, 16, self.selection))

    def selection(self) -> tuple[int, ...]:
        return self.many(0, LARGEST, self.uint)

    def close(self) -> CloseEntry:
        return CloseEntry(self.seen())

    def certify(self) -> CertifyEntry:
        return CertifyEntry(self.seen(), self.result())

    def result(self) -> Result:
        self.array(3, 3)
        return Result(self.totals(), self.boolean(), self.many(1, 16, self.question_result))

    def totals(self) -> Totals:
        self.array(3, 3)
        return Totals(self.uint(), self.uint(), self.many(1, 1024, self.district_totals))

    def district_totals(self) -> DistrictTotals:
        self.array(3, 3)
        return DistrictTotals(self.code(), self.uint(), self.uint())

    def question_result(self) -> QuestionResult:
        self.array(2, 2)
        return QuestionResult(self.uint(), self.many(1, 1024, self.option_result))

    def option_result(self) -> OptionResult:
        self.array(3, 3)
        return OptionResult(self.label(), self.uint(), self.boolean())

    def cancel(self) -> CancelEntry:
        return CancelEntry(self.seen(), self.uint(1, 4))


# Number of items in the payload of each kind, and what reads those after kind and version.
_BODIES: dict[int, tuple[int, Callable[[PayloadReader], Any]]] = {
    GENESIS: (7, PayloadReader.genesis),
    OFFICERS: (3, PayloadReader.officers),
    COMMISSION: (3, PayloadReader.new_commission),
    LOG: (4, PayloadReader.log),
    ANCHORS: (4, PayloadReader.anchors),
    ROLL: (6, PayloadReader.roll),
    ENROL: (3, PayloadReader.enrol),
    REVOKE: (3, PayloadReader.revoke),
    ANNOUNCE: (4, PayloadReader.announce),
    OPEN: (4, PayloadReader.open),
    BALLOT: (4, PayloadReader.ballot),
    CLOSE: (3, PayloadReader.close),
    CERTIFY: (4, PayloadReader.certify),
    CANCEL: (4, PayloadReader.cancel),
}
