"""The steps A1 to A13 of audit.md over the files of one poll, with their findings and verdict.

The report of A14 and the transcript of A15 are written elsewhere, from what this gives.
"""

from __future__ import annotations

from functools import partial
from typing import Callable, NamedTuple

from . import kind as kinds
from . import register as registers
from . import roll as rolls
from . import totals, transcript
from .breach import FAULT, Breach
from .claim import Claim
from .finding import Evidence, Exhibit, Finding, Report
from .grown import GrownReceipt
from .log import Log, read_log
from .merkle import leaf_hash
from .note import ED25519, Checkpoint, Signers, VerifierKey
from .poll import Poll
from .receipt import Receipt
from .register import Register
from .shape import Result
from .source import Source, Unreadable
from .text import is_domain

REVOTE_CODES = ("already-voted", "stale-turn")


class TimedHead(NamedTuple):
    size: int
    time: int


class Recount:
    """One recount: the logs are read and folded first, and then the steps go by their numbers."""

    def __init__(self, source: Source, path: str, evidence: Evidence) -> None:
        self.source = source
        self.path = path
        self.evidence = evidence
        self.logs: dict[str, Log] = {}
        self.timed: list[TimedHead] = []
        self.claimed: set[int | bytes] = set()

    def run(self) -> Report:
        poll_log, register = self._read_heads()
        self.report = Report(None, register)
        if register.genesis is not None:
            poll = Poll(f"{register.domain}/{self.path}", poll_log, register, self._roll_log)
            self.report.poll = poll
            poll.run()
            for origin in poll.definition.rolls if poll.definition else ():
                self._roll_log(origin)
        self._a1_entries_and_tiles()
        self._a2_heads()
        self._a2_saved_heads()
        self._a2_receipts()
        self._a2_claims()
        self._a3_register()
        if self.report.poll is not None:
            self._a4_phases(self.report.poll)
            self._a5_rolls(self.report.poll)
            self._a6_issuing(self.report.poll)
            self._a7_a8_ballots(self.report.poll)
            self._a9_ceremony(self.report.poll)
            self._a10_openings(self.report.poll)
            self.report.result = self.report.poll.result()
            self._a12_published(self.report.poll)
            self._a13_totals(self.report.poll)
            self.report.transcript = transcript.write(self.report.poll, self.report.result)
        self.report.findings.sort(key=Finding.place)
        return self.report

    def _read_heads(self) -> tuple[Log, Register]:
        """The poll, then the register; both again if a live source has moved on in between."""
        size = -1
        while True:
            for path in (self.path, "register"):
                self.logs[path] = read_log(self.source, path)
                if self.logs[path].missing:
                    raise Unreadable(f"there is no {path}/checkpoint")  # AUDIT-4, AUDIT-11
            poll, register = self.logs[self.path], registers.fold(self.logs["register"])
            anchors = (
                register.anchors.get(f"{register.domain}/{self.path}", [])
                if register.genesis is not None
                else []
            )
            if poll.size <= size or all(anchor.size <= poll.size for anchor in anchors):
                return poll, register
            size = poll.size

    def _log(self, path: str) -> Log:
        if path not in self.logs:
            self.logs[path] = read_log(self.source, path)
        return self.logs[path]

    def _roll_log(self, origin: str) -> Log:
        return self._log(origin.partition("/")[2])

    def _find(self, step: int, code: str, path: str, index: int | None = None) -> None:
        """AUDIT-2: on a log, and in public files, the operator answers for what it let in."""
        fault = "operator" if FAULT[code] == "peer" else FAULT[code]
        self.report.findings.append(Finding(step, code, path, index, fault))

    # A1: AUDIT-3.

    def _a1_entries_and_tiles(self) -> None:
        for path, log in self.logs.items():
            for code in log.defects:
                self._find(1, code, path)
            for index, entry in enumerate(log.entries):
                if isinstance(entry, Breach):
                    self._find(1, entry.code, path, index)

    # A2: AUDIT-4, AUDIT-5, AUDIT-14, RECEIPT-6, RECEIPT-7.

    def _origin(self, path: str) -> str:
        return f"{self.report.register.domain}/{path}"

    def _known_keys(self, origin: str) -> list[VerifierKey]:
        policy = self.evidence.policy
        return policy.known(origin) if policy else []

    def _a2_heads(self) -> None:
        for path, log in self.logs.items():
            if log.unreadable is not None:
                self._find(2, log.unreadable, path)
            elif log.checkpoint is not None:
                try:
                    self._check_head(path, log, log.checkpoint)
                except Breach as breach:
                    self._find(2, breach.code, path)
            if self.report.register.genesis is not None:
                anchors = self.report.register.anchors.get(self._origin(path), [])
                for anchor in anchors:
                    self._compare_head(log, anchor.size, anchor.root, "anchor-fork")

    def _check_head(self, path: str, log: Log, head: Checkpoint) -> None:
        """AUDIT-4."""
        if self.report.register.genesis is None:
            raise Breach("note-unsigned", "there is no log key to have signed it")  # AUDIT-1
        policy, origin = self.evidence.policy, self._origin(path)
        log_key = self.report.register.log_key
        signers = head.signed_by(origin, log_key, self._known_keys(origin))
        if path == self.path:
            if policy is not None:
                self.report.witnessed = policy.witnessed_by(signers)
            self._note_times(log, head, signers)
        if policy is not None and path.startswith("roll/"):
            policy.check_second(origin, signers)
        elif policy is not None:
            policy.check(origin, signers)

    def _note_times(self, log: Log, head: Checkpoint, signers: Signers) -> None:
        """POLL-16: timed heads are those that are prefixes of this log."""
        policy = self.evidence.policy
        if policy and log.path == self.path and log.has_root(head.size, head.root):
            self.timed += [
                TimedHead(head.size, time)
                for key in policy.witnesses.values()
                for time in signers.get(key, [])
                if time is not None  # LOG-13
            ]

    def _compare_head(self, log: Log, size: int, root: bytes, fork: str) -> str | None:
        """AUDIT-5: the code, if the log does not bear a head out; one finding of each for a log."""
        if size > log.stated_size:
            code = "entry-missing"
        elif size > log.size or log.has_root(size, root):
            return None  # AUDIT-3: of what could not be read A1 has said so
        else:
            code = fork
        return self._find_once(code, log.path)

    def _find_once(self, code: str, path: str, index: int | None = None) -> str:
        if not any(found[:4] == (2, code, path, index) for found in self.report.findings):
            self._find(2, code, path, index)
        return code

    def _evidence_log(self, head: Checkpoint) -> Log:
        """RECEIPT-7: the log that a checkpoint names."""
        for path, log in self.logs.items():
            if self.report.register.genesis is not None:
                if head.origin == self._origin(path):
                    return log
            elif head.origin.endswith(f"/{path}") and is_domain(head.origin[: -len(path) - 1]):
                raise Breach("note-unsigned", "there is no log key to have signed it")  # AUDIT-1
        raise Breach("checkpoint-origin", head.origin)

    def _a2_saved_heads(self) -> None:
        for data in self.evidence.heads:
            self._exhibit("head", lambda: self._saved_head(data))

    def _a2_receipts(self) -> None:
        for data in self.evidence.receipts:
            if GrownReceipt.is_meant_by(data):
                self._grown_receipt(data)
            else:
                self._exhibit("receipt", lambda: self._receipt(Receipt.parse(data)))

    def _grown_receipt(self, data: bytes) -> None:
        """RECEIPT-11."""
        try:
            receipts = GrownReceipt.parse(data).receipts()
        except Breach:
            self._exhibit("receipt", lambda: self._receipt(GrownReceipt.parse(data).first))
            return
        for receipt in receipts:
            self._exhibit("receipt", partial(self._receipt, receipt))

    def _a2_claims(self) -> None:
        for data in self.evidence.claims:
            self._exhibit("claim", lambda: self._claim(data))

    def _exhibit(self, kind: str, judge: Callable[[], tuple[str, str | None]]) -> None:
        """RECEIPT-7: what does not pass its own check is refused, and says nothing of the poll."""
        try:
            outcome, code = judge()
        except Breach as breach:
            outcome, code = "refused", breach.code
            self.report.findings.append(Finding(2, code, self.path, None, "peer"))
        self.report.exhibits.append(Exhibit(kind, outcome, code))

    def _saved_head(self, data: bytes) -> tuple[str, str | None]:
        head = Checkpoint.parse(data)
        log, log_key = self._evidence_log(head), self.report.register.log_key
        signers = head.signed_by(head.origin, log_key, self._known_keys(head.origin))
        self._note_times(log, head, signers)
        code = self._compare_head(log, head.size, head.root, "head-forked")
        return self._outcome(log, head, code)

    def _receipt(self, receipt: Receipt) -> tuple[str, str | None]:
        head = receipt.checkpoint
        log, log_key = self._evidence_log(head), self.report.register.log_key
        signers = receipt.check(head.origin, log_key, self._known_keys(head.origin))
        self._note_times(log, head, signers)
        code = None
        if head.size > log.stated_size or (
            head.size <= log.size
            and not (
                log.has_root(head.size, head.root) and log.raw[receipt.index] == receipt.extra
            )
        ):
            code = self._find_once("receipt-not-in-log", log.path, receipt.index)  # RECEIPT-6
        return self._outcome(log, head, code)

    def _claim(self, data: bytes) -> tuple[str, str | None]:
        """AUDIT-14."""
        claim, poll = Claim.parse(data), self.report.poll
        if poll is None or poll.scheme is None or poll.issuing is None:
            raise Breach("claim-invalid", "there are no credentials in this poll")
        district = claim.check(poll.scheme, poll.issuing.requests)
        repeated = claim.request in self.claimed or claim.key in self.claimed
        self.claimed |= {claim.request, claim.key}  # it holds, refused or not
        if repeated:
            raise Breach("claim-invalid", "handed over before")
        if poll.box is not None and claim.key in poll.box.standing:
            raise Breach("credential-spent")
        self.report.confirmed[district] += 1
        return "confirmed", None

    def _outcome(self, log: Log, head: Checkpoint, code: str | None) -> tuple[str, str | None]:
        """AUDIT-12; what lies beyond the entries that could be read is not judged (AUDIT-3)."""
        if code is not None:
            return "contradicted", code
        return ("confirmed" if head.size <= log.size else "not-judged"), None

    # A3: AUDIT-6 and what the register refused.

    def _a3_register(self) -> None:
        register = self.report.register
        if register.genesis is None:
            self._find(3, "genesis-missing", "register", 0 if register.log.raw else None)
            return
        for index, code in register.refused.items():
            self._find(3, code, "register", index)
        if self._mismatched(register):
            self._find(3, "instance-mismatch", "register")
        for path, log in self.logs.items():
            if path != "register":
                announced = register.announced.get(self._origin(path))
                if not announced or not log.raw or announced.first != leaf_hash(log.raw[0]):
                    self._find(3, "log-not-announced", path)

    def _mismatched(self, register: Register) -> bool:
        """AUDIT-6: whether something that the observer has is of another city."""
        origins = {self._origin(path) for path in self.logs}
        given, policy = self.evidence, self.evidence.policy
        mismatch = False
        if policy is not None:
            lines = [key for key in policy.logs if key.name in origins and key.kind == ED25519]
            if lines:
                self.report.pinned_by = "policy"
            mismatch |= any(key.public != register.log_key for key in lines)
        if given.key is not None:
            if given.key.name in origins:
                self.report.pinned_by = "key"
            mismatch |= given.key.name not in origins or given.key.public != register.log_key
        if given.instance is not None:
            self.report.pinned_by = "instance"
            mismatch |= given.instance != register.instance
        return mismatch

    # A4: POLL-1 to POLL-17, POLL-21 to POLL-24, CEREMONY-11.

    def _a4_phases(self, poll: Poll) -> None:
        self._refused(4, poll.refused_of(kinds.PHASE_ENTRIES))
        self._a4_certified_too_early(poll)
        self._a4_times(poll)

    def _a4_certified_too_early(self, poll: Poll) -> None:
        """POLL-17."""
        certify, close = poll.standing.get(kinds.CERTIFY), poll.index_of(kinds.CLOSE)
        if certify is None or close is None:
            return
        anchors = self.report.register.anchors.get(poll.origin, [])
        seen = certify.seen.register.size
        if not any(anchor.index < seen and anchor.size > close for anchor in anchors):
            self._find(4, "anchor-missing", self.path, certify.index)

    def _a4_times(self, poll: Poll) -> None:
        """POLL-16."""
        self.report.timed = bool(self.timed)
        opened, closed = poll.index_of(kinds.OPEN), poll.index_of(kinds.CLOSE)
        ended = poll.index_of(kinds.CLOSE, kinds.CANCEL)
        if opened is None or poll.definition is None:
            return
        opens_at, closes_at, tolerance = poll.definition.schedule
        if any(size > opened and time < opens_at - tolerance for size, time in self.timed):
            self._find(4, "opened-early", self.path, opened)
        if closed is not None and any(
            size > closed and time < closes_at - tolerance for size, time in self.timed
        ):
            self._find(4, "closed-early", self.path, closed)
        if any(
            size > opened and time > closes_at + tolerance and (ended is None or size <= ended)
            for size, time in self.timed
        ):
            self._find(4, "held-open", self.path, opened)

    # A5: ROLL-1 to ROLL-9.

    def _a5_rolls(self, poll: Poll) -> None:
        folded = dict(poll.electorate.rolls) if poll.electorate else {}
        if poll.electorate is None and poll.definition is not None:
            for origin in poll.definition.rolls:
                log = self._roll_log(origin)
                register = self.report.register
                folded[origin] = rolls.fold(log, register, register.log.size, log.size)
        for origin, roll in folded.items():
            for index, code in roll.refused.items():
                self._find(5, code, self._roll_log(origin).path, index)

    # A6 to A10: what the fold of the poll has refused, and what did not open.

    def _refused(self, step: int, refused: dict[int, str]) -> None:
        for index, code in refused.items():
            self._find(step, code, self.path, index)

    def _a6_issuing(self, poll: Poll) -> None:
        """CRED-1, CRED-4 to CRED-8."""
        self._refused(6, poll.refused_of(kinds.OF_ISSUING))

    def _a7_a8_ballots(self, poll: Poll) -> None:
        """BALLOT-1 to BALLOT-15."""
        for index, code in poll.refused_of([kinds.BALLOT]).items():
            self._find(8 if code in REVOTE_CODES else 7, code, self.path, index)

    def _a9_ceremony(self, poll: Poll) -> None:
        """CEREMONY-1 to CEREMONY-13."""
        self._refused(9, poll.refused_of(kinds.OF_CEREMONY))

    def _a10_openings(self, poll: Poll) -> None:
        """SEAL-6."""
        self._refused(10, poll.spoiled)

    # A12: AUDIT-7.

    def _a12_published(self, poll: Poll) -> None:
        certify, definition = poll.standing.get(kinds.CERTIFY), poll.definition
        if certify is None or definition is None:
            return
        published: Result = certify.entry.body.result
        codes = set()
        for question, claimed in zip(definition.questions, published.questions):
            options = {option.label for option in question.options}
            lines = {line.label for line in claimed.outcome}
            if options - lines:
                codes.add("label-missing")
            if lines - options:
                codes.add("label-extra")
        if not codes and published != self.report.result:
            codes.add("result-mismatch")
        for code in codes:
            self._find(12, code, self.path, certify.index)

    # A13: AUDIT-8, AUDIT-13, AUDIT-14.

    def _a13_totals(self, poll: Poll) -> None:
        certify = poll.standing.get(kinds.CERTIFY)
        if not totals.descend(poll) or (
            certify is not None and not totals.add_up(certify.entry.body.result)
        ):
            self._find(13, "totals-inconsistent", self.path, certify.index if certify else None)
        self.report.turnout = totals.turnout(poll)
        for code in totals.credential_codes(self.report.turnout or (), self.report.confirmed):
            self._find(13, code, self.path)
