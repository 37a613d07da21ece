"""What entries say: a class for each rule of veche.cddl.

The classes hold what was read and judge nothing. Reading is done by `payload`; what an entry means,
and whether it stands, is judged by the folds of the three kinds of logs.
"""

from __future__ import annotations

from typing import NamedTuple, Union


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


class NamedKey(NamedTuple):
    key: bytes
    label: str


class Issuance(NamedTuple):
    modulus_bits: int
    issuing: int
    issuers: tuple[NamedKey, ...]


class Trustees(NamedTuple):
    threshold: int
    named: tuple[NamedKey, ...]


class Definition(NamedTuple):
    """`issuance` is None where the list of issuers has no items."""

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
    issuance: Issuance | None
    trustees: Trustees
    interval: int


class Pin(NamedTuple):
    origin: str
    size: int
    root: bytes
    eligible: tuple[tuple[str, int], ...]


class AnnounceEntry(NamedTuple):
    seen: Seen
    definition: Definition


class BeginEntry(NamedTuple):
    seen: Seen
    pins: tuple[Pin, ...]


class OpenEntry(NamedTuple):
    seen: Seen
    pins: tuple[Pin, ...]


Selections = tuple[tuple[int, ...], ...]


class SealedContent(NamedTuple):
    point: bytes
    ciphertext: bytes


class Credential(NamedTuple):
    code: str
    prefix: bytes
    signatures: tuple[bytes, ...]


class BallotEntry(NamedTuple):
    """`content` is a tuple of selections where it is open."""

    turn: int
    content: Selections | SealedContent
    credential: Credential | None


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


class IssuerKeysEntry(NamedTuple):
    moduli: tuple[tuple[str, bytes], ...]


class RequestEntry(NamedTuple):
    blinded: tuple[bytes, ...]


class IssuedEntry(NamedTuple):
    signatures: tuple[tuple[int, bytes], ...]


class JoinEntry(NamedTuple):
    ceremony: int
    transport_key: bytes
    commitment_hash: bytes


class DealEntry(NamedTuple):
    ceremony: int
    commitments: tuple[bytes, ...]
    proof: bytes
    shares: tuple[tuple[int, bytes], ...]


class ComplaintEntry(NamedTuple):
    ceremony: int
    dealer: int
    point: bytes
    proof: bytes


class ReadyEntry(NamedTuple):
    ceremony: int
    transcript: bytes
    election_key: bytes


class ExcludeEntry(NamedTuple):
    seen: Seen
    ceremony: int
    trustees: tuple[int, ...]


class ShareEntry(NamedTuple):
    head: Head
    scalar: bytes
