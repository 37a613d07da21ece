"""The report of step A14, for people and as JSON. It says what was found and judges nothing."""

from __future__ import annotations

import json
from typing import Any

from . import kind as kinds
from .ceremony import Ceremony
from .finding import Report
from .issuing import SMALLEST_CROWD, Turnout
from .phase import OPENED, UNANNOUNCED
from .policy import Policy
from .poll import REASONS, Poll
from .shape import Result
from .text import visible

JUDGED_BY_GENESIS = (4, 5, 7, 8, 11, 12, 13)
OF_ANONYMOUS, OF_SEALED = (6,), (9, 10)


def evidence(report: Report, policy: Policy | None) -> str:
    """AUDIT-9: the one line that stands beside the verdict."""
    if not report.witnessed or policy is None:
        return "the operator's word alone"
    return f"witnessed {len(report.witnessed)} of {len(policy.witnesses)}"


def state(report: Report, step: int) -> str:
    """AUDIT-12."""
    poll = report.poll
    if (step in OF_ANONYMOUS and (poll is None or poll.issuing is None)) or (
        step in OF_SEALED and (poll is None or poll.ceremony is None)
    ):
        return "not-applicable"
    return "nothing-to-judge-by" if poll is None and step in JUDGED_BY_GENESIS else "run"


def _line(value: dict[str, Any]) -> str:
    """AUDIT-12: json.dumps escapes just what the law says if it may leave other characters."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _result(result: Result | None) -> dict[str, Any] | None:
    if result is None:
        return None
    totals, met, questions = result
    return {
        "eligible": totals.eligible,
        "effective": totals.effective,
        "quorum_met": met,
        "districts": [
            {"district": code, "eligible": eligible, "effective": effective}
            for code, eligible, effective in totals.districts
        ],
        "questions": [
            {"blank": question.blank, "options": [line._asdict() for line in question.outcome]}
            for question in questions
        ],
    }


def _credentials(turnout: list[Turnout] | None) -> list[dict[str, Any]] | None:
    return None if turnout is None else [line._asdict() for line in turnout]


def as_json(report: Report, path: str, policy: Policy | None) -> str:
    """AUDIT-12."""
    poll = report.poll
    box = poll.box if poll else None
    lines: list[dict[str, Any]] = [
        {
            "step": f"A{step}",
            "state": state(report, step),
            "findings": [
                {"code": code, "fault": fault, "log": log, "index": index}
                for of_step, code, log, index, fault in report.findings
                if of_step == step
            ],
        }
        for step in range(1, 16)
    ]
    lines.append(
        {
            "poll": path,
            "instance": report.register.instance.hex() if poll else None,
            "phase": poll.phase if poll else UNANNOUNCED,
            "accepted": box.accepted if box else 0,
            "effective": len(box.effective) if box else 0,
            "spoiled": report.refused_ballots(spoiled=True),
            "refused": report.refused_ballots(spoiled=False),
            "credentials": _credentials(report.turnout),
            "shares": sorted(poll.ceremony.shares) if poll and poll.ceremony else None,
            "result": _result(report.result),
        }
    )
    lines.append({"transcript": report.transcript_hash})
    lines.append(
        {
            "verdict": "sound" if report.sound else "not-sound",
            "unsound_findings": report.unsound_findings,
            "evidence": evidence(report, policy),
            "pinned_by": report.pinned_by,
            "witnessed": len(report.witnessed),
            "witnesses": len(policy.witnesses) if policy else 0,
            "times_judged": report.timed,
            "exhibits": [exhibit._asdict() for exhibit in report.exhibits],
        }
    )
    return "".join(map(_line, lines))


def as_text(report: Report, path: str, policy: Policy | None) -> str:
    poll = report.poll
    verdict = "SOUND" if report.sound else "NOT SOUND"  # AUDIT-2
    definition = poll.definition if poll else None
    lines = [f"{path}: {verdict}, {evidence(report, policy)}", ""]
    if definition is not None:
        lines.append(f"Poll: {visible(definition.title)}")
    if poll is not None:
        lines.append(f"City: {report.register.instance.hex()}")
    lines.append(
        f"Pinned by: {report.pinned_by}"
        if report.pinned_by != "nothing"
        else "Nothing from elsewhere tied these files to a city."
    )
    lines.append(
        "Times: judged by the witnesses' clocks"
        if report.timed
        else "Times: the operator's word, no timed heads"  # POLL-16
    )
    refused = [exhibit for exhibit in report.exhibits if exhibit.outcome == "refused"]
    lines.append(
        f"Receipts, saved heads and claims: {len(report.exhibits) - len(refused)} checked, "
        f"{len(refused)} refused"
    )
    lines += [f"  refused {exhibit.kind}: {exhibit.code}" for exhibit in refused]
    lines.append("")
    for step in range(1, 16):
        lines.append(f"{f'A{step}':>4}  {state(report, step)}")
        lines += [
            f"      {finding.code}, {finding.fault}: {finding.path}"
            + ("" if finding.index is None else f" entry {finding.index}")
            for finding in report.findings
            if finding.step == step
        ]
    lines += ["", *_credential_lines(report), *_trustee_lines(poll), *_result_lines(report)]
    lines += [f"Transcript: {report.transcript_hash}", ""]
    return "\n".join(lines)


def _result_lines(report: Report) -> list[str]:
    poll, result = report.poll, report.result
    if poll is None or poll.definition is None or poll.box is None:
        return ["No result: the poll was not opened."]
    lines = []
    cancel = poll.standing.get(kinds.CANCEL)
    if cancel is not None:
        lines.append(f"The poll was cancelled: {REASONS[cancel.entry.body.reason]}.")
    spoiled = ", ".join(f"{code} {number}" for code, number in report.refused_ballots(True))
    lines.append(
        f"Ballots accepted {poll.box.accepted}, effective {len(poll.box.effective)}, "
        f"spoiled {spoiled or 0}"
    )
    if poll.phase == OPENED:
        lines.append("The poll is not closed; what is said here is so far.")
    if result is None:
        return [*lines, "No result: too few trustees have posted their shares."]  # SEAL-7
    lines.append(
        f"Eligible {result.totals.eligible}, effective {result.totals.effective}; "
        f"quorum {'met' if result.quorum_met else 'missed'}"
    )
    for question, counted in zip(poll.definition.questions, result.questions):
        lines += ["", f"{visible(question.title)} (blank {counted.blank})"]
        lines += [
            f"  {'*' if line.selected else ' '} {line.votes:>8}  {visible(line.label)}"
            for line in counted.outcome
        ]
    return [*lines, ""]


def _credential_lines(report: Report) -> list[str]:
    """AUDIT-13: the four numbers of each district, what they leave open, and the warnings."""
    poll, turnout = report.poll, report.turnout
    if poll is None or poll.definition is None:
        return []
    if turnout is None or poll.issuing is None:
        return []
    lines = ["Credentials, by district:"]
    for line in turnout:
        lines.append(
            f"  {visible(line.district)}: eligible {line.eligible}, requested {line.requested}, "
            f"issued {line.issued}, spent {line.spent}, gap {line.gap}"
        )
        if line.issued < SMALLEST_CROWD:
            lines.append(f"    Warning: fewer than {SMALLEST_CROWD} are issued here.")
    margin = _smallest_margin(report.result)
    lines += [
        "All issuers together could have cast in place of voters who were issued credentials and",
        "did not use them. Such ballots would stand among the spent: the gap is what is left of",
        "that room, and no bound on what was done in it. One claim more than the gap of a district",
        "proves it.",
        "Smallest difference of votes between a selected option and one that is not: "
        + ("none" if margin is None else str(margin)),
    ]
    if len(poll.issuing.issuance.issuers) == 1:
        lines.append("Warning: one issuer serves this poll alone.")
    return [*lines, ""]


def _trustee_lines(poll: Poll | None) -> list[str]:
    """AUDIT-13: what a sealed poll gives away, and which trustees did not come to its end."""
    if poll is None or poll.ceremony is None:
        return []
    ceremony = poll.ceremony
    lines = [f"Trustees: {ceremony.trustees.threshold} of {len(ceremony.trustees.named)} open it"]
    if poll.issuing is None:
        lines.append("Warning: every ballot becomes public with its voter id.")
    for trustee, reason in sorted(ceremony.excluded.items()):
        lines.append(f"  {_trustee(ceremony, trustee)}: excluded, {reason}")
    if kinds.CLOSE in poll.standing:
        for trustee in ceremony.participants:
            if trustee not in ceremony.shares:
                lines.append(f"  {_trustee(ceremony, trustee)}: no share stands")
    return [*lines, ""]


def _trustee(ceremony: Ceremony, trustee: int) -> str:
    return f"{trustee} {visible(ceremony.trustees.named[trustee - 1].label)}"


def _smallest_margin(result: Result | None) -> int | None:
    margins = [
        abs(one.votes - other.votes)
        for question in (result.questions if result else ())
        for one in question.outcome
        for other in question.outcome
        if one.selected and not other.selected
    ]
    return min(margins, default=None)
