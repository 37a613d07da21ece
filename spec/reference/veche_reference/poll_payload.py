"""The payloads of polls: definition, pins, ballots, result, credentials and the ceremony."""

from __future__ import annotations

from .breach import Breach
from .cbor import LARGEST
from .fields import FieldReader
from .shape import (
    AnnounceEntry, Approval, BallotEntry, BeginEntry, CancelEntry, CertifyEntry, CloseEntry,
    ComplaintEntry, Credential, DealEntry, Definition, DistrictTotals, EqualShares, ExcludeEntry,
    Issuance, IssuedEntry, IssuerKeysEntry, JoinEntry, OpenEntry, Option, OptionResult, Pin,
    Question, QuestionResult, ReadyEntry, RequestEntry, Result, Rule, Schedule, SealedContent,
    Selections, ShareEntry, SingleChoice, Totals, Trustees,
)

OPEN_CONTENT, SEALED_CONTENT = 1, 2


class PollReader(FieldReader):
    """A ballot's number of items says whether a credential is among them."""

    items = 0

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
