"""The reading of payloads: every field in the order of ENTRY-8, judged as it is read.

What comes out are the classes of `shape`. Whether an entry stands is judged by the folds.
"""

from __future__ import annotations

from typing import Any, Callable, Sequence

from . import ed25519
from . import kind as kinds
from .breach import Breach
from .cbor import LARGEST, Reader
from .shape import (
    AnchoredHead, AnchorsEntry, AnnounceEntry, Approval, BallotEntry, BeginEntry, CancelEntry,
    CertifyEntry, CloseEntry, Commission, CommissionEntry, ComplaintEntry, Credential, DealEntry,
    Definition, District, DistrictTotals, EnrolEntry, Enrolment, EqualShares, ExcludeEntry,
    GenesisEntry, Head, Issuance, IssuedEntry, IssuerKeysEntry, JoinEntry, LogEntry, NamedKey,
    Officer, OfficersEntry, OpenEntry, Option, OptionResult, Pin, Question, QuestionResult,
    ReadyEntry, RequestEntry, Result, Revocation, RevokeEntry, RollEntry, Rule, Schedule,
    SealedContent, Seen, Selections, ShareEntry, SingleChoice, Totals, Trustees,
)
from .text import is_domain

VERSION = 1
OPEN_CONTENT, SEALED_CONTENT = 1, 2


class PayloadReader(Reader):
    """Reads one payload; every defect of what it says is `entry-fields` (ENTRY-6)."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data, "entry-fields")
        self.items = 0

    def decode(self, admitted: tuple[int, ...]) -> tuple[int, Any]:
        count = self.array(2)
        kind, version = self.uint(), self.uint()
        if kind not in admitted or version != VERSION:
            raise Breach("entry-unknown-kind", f"kind {kind}, version {version}")  # ENTRY-5
        items, body = _BODIES[kind]
        if count not in items:
            raise self.refuse(f"{count} items in an entry of kind {kind}")
        self.items = count
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

    def next_key(self, before: Sequence[Officer | NamedKey]) -> bytes:
        """The key of an item of a list that ascends by keys, judged before the item's rest."""
        key = self.appointed()
        if before and not before[-1].key < key:
            raise self.refuse("keys that are not ascending")
        return key

    def named_keys(self, low: int, high: int) -> tuple[NamedKey, ...]:
        named: list[NamedKey] = []
        for _ in range(self.array(low, high)):
            self.array(2, 2)
            named.append(NamedKey(self.next_key(named), self.label()))
        return tuple(named)

    def rsa_number(self) -> bytes:
        number = self.bytes()
        if not 256 <= len(number) <= 512:
            raise self.refuse(f"a number of {len(number)} bytes")
        return number

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
            key, label = self.next_key(officers), self.label()
            roles = self.ordered(1, 4, lambda: self.uint(kinds.REGISTRAR, kinds.MODERATOR))
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
        issuance = self.issuance()
        self.array(2, 2)
        trustees = Trustees(self.uint(0, 16), self.named_keys(0, 16))
        return Definition(
            title, details, questions, identity, secrecy, revote, rolls, districts, schedule,
            quorum, issuance, trustees, self.uint(),
        )

    def issuance(self) -> Issuance | None:
        count = self.array(0, 3)
        if count not in (0, 3):
            raise self.refuse(f"{count} items for the issuers")
        if count == 0:
            return None
        bits = self.uint()
        if bits not in (2048, 3072, 4096):
            raise self.refuse(f"moduli of {bits} bits")
        return Issuance(bits, self.uint(0, 1), self.named_keys(1, 8))

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

    def begin(self) -> BeginEntry:
        return BeginEntry(self.seen(), self.pins())

    def open(self) -> OpenEntry:
        return OpenEntry(self.seen(), self.pins())

    def pins(self) -> tuple[Pin, ...]:
        return self.many(0, 16, self.pin)

    def pin(self) -> Pin:
        self.array(4, 4)
        return Pin(self.origin(), self.uint(), self.hash(), self.many(1, 1024, self.counted))

    def counted(self) -> tuple[str, int]:
        self.array(2, 2)
        return self.code(), self.uint()

    def ballot(self) -> BallotEntry:
        turn, content = self.uint(0, 15), self.content()
        return BallotEntry(turn, content, self.credential() if self.items == 5 else None)

    def content(self) -> Selections | SealedContent:
        count, kind = self.array(2, 3), self.uint()
        if kind not in (OPEN_CONTENT, SEALED_CONTENT):
            raise Breach("ballot-content-kind", f"kind {kind}")  # BALLOT-6
        if count != (2 if kind == OPEN_CONTENT else 3):
            raise self.refuse(f"{count} items in a content of kind {kind}")
        if kind == OPEN_CONTENT:
            return self.selections()
        return SealedContent(self.point(), self.bytes())

    def selections(self) -> Selections:
        return self.many(1, 16, self.selection)

    def selection(self) -> tuple[int, ...]:
        return self.many(0, LARGEST, self.uint)

    def credential(self) -> Credential:
        self.array(3, 3)
        return Credential(self.code(), self.bytes(32), self.many(1, 8, self.rsa_number))

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
        return CancelEntry(self.seen(), self.uint(1, 5))

    # Anonymous polls.

    def issuer_keys(self) -> IssuerKeysEntry:
        return IssuerKeysEntry(self.many(1, 64, self.modulus))

    def modulus(self) -> tuple[str, bytes]:
        self.array(2, 2)
        return self.code(), self.rsa_number()

    def request(self) -> RequestEntry:
        return RequestEntry(self.many(1, 8, self.rsa_number))

    def issued(self) -> IssuedEntry:
        return IssuedEntry(self.many(1, 64, self.blind_signature))

    def blind_signature(self) -> tuple[int, bytes]:
        self.array(2, 2)
        return self.uint(), self.rsa_number()

    # Sealed polls.

    def point(self) -> bytes:
        return self.bytes(32)

    def trustee(self) -> int:
        return self.uint(1, 16)

    def join(self) -> JoinEntry:
        return JoinEntry(self.uint(), self.point(), self.hash())

    def deal(self) -> DealEntry:
        return DealEntry(
            self.uint(), self.many(1, 16, self.point), self.bytes(64),
            self.many(1, 15, self.encrypted_share),
        )

    def encrypted_share(self) -> tuple[int, bytes]:
        self.array(2, 2)
        return self.trustee(), self.bytes(48)

    def complaint(self) -> ComplaintEntry:
        return ComplaintEntry(self.uint(), self.trustee(), self.point(), self.bytes(64))

    def ready(self) -> ReadyEntry:
        return ReadyEntry(self.uint(), self.hash(), self.point())

    def exclude(self) -> ExcludeEntry:
        return ExcludeEntry(self.seen(), self.uint(), self.ordered(1, 16, self.trustee))

    def share(self) -> ShareEntry:
        return ShareEntry(self.head(), self.bytes(32))


# Numbers of items that the payload of each kind may have, and what reads those after kind and
# version.
_BODIES: dict[int, tuple[tuple[int, ...], Callable[[PayloadReader], Any]]] = {
    kinds.GENESIS: ((7,), PayloadReader.genesis),
    kinds.OFFICERS: ((3,), PayloadReader.officers),
    kinds.COMMISSION: ((3,), PayloadReader.new_commission),
    kinds.LOG: ((4,), PayloadReader.log),
    kinds.ANCHORS: ((4,), PayloadReader.anchors),
    kinds.ROLL: ((6,), PayloadReader.roll),
    kinds.ENROL: ((3,), PayloadReader.enrol),
    kinds.REVOKE: ((3,), PayloadReader.revoke),
    kinds.ANNOUNCE: ((4,), PayloadReader.announce),
    kinds.BEGIN: ((4,), PayloadReader.begin),
    kinds.OPEN: ((4,), PayloadReader.open),
    kinds.BALLOT: ((4, 5), PayloadReader.ballot),
    kinds.CLOSE: ((3,), PayloadReader.close),
    kinds.CERTIFY: ((4,), PayloadReader.certify),
    kinds.CANCEL: ((4,), PayloadReader.cancel),
    kinds.ISSUER_KEYS: ((3,), PayloadReader.issuer_keys),
    kinds.REQUEST: ((3,), PayloadReader.request),
    kinds.ISSUED: ((3,), PayloadReader.issued),
    kinds.JOIN: ((5,), PayloadReader.join),
    kinds.DEAL: ((6,), PayloadReader.deal),
    kinds.COMPLAINT: ((6,), PayloadReader.complaint),
    kinds.READY: ((5,), PayloadReader.ready),
    kinds.EXCLUDE: ((5,), PayloadReader.exclude),
    kinds.SHARE: ((4,), PayloadReader.share),
}
