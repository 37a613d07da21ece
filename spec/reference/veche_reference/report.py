"""The report of step A14, for people and as JSON. It says what was found and judges nothing."""

from __future__ import annotations

import json
from typing import Any

from . import payload as kinds
from .finding import Finding, Report
from .policy import Policy
from .poll import REASONS, UNANNOUNCED
from .text import visible

NOT_APPLICABLE = {6: "the poll is named", 9: "the poll is open", 10: "the poll is open"}


def verdict(report: Report) -> str:
    return "SOUND" if report.sound else "NOT SOUND"  # AUDIT-2


def evidence(report: Report, policy: Policy | None) -> str:
    """AUDIT-9: the one line that stands beside the verdict."""
    if not report.witnessed or policy is None:
        return "the operator's word alone"
    return f"witnessed {len(report.witnessed)} of {len(policy.witnesses)}"


def _place(finding: Finding) -> str:
    path = finding.path or "evidence"
    return path if finding.index is None else f"{path} entry {finding.index}"


def _steps(report: Report) -> list[dict[str, Any]]:
    steps = []
    for step in range(1, 16):
        found = sum(finding.step == step for finding in report.findings)
        status = f"{found} findings" if found else "done"
        if step in NOT_APPLICABLE:
            status = f"not applicable: {NOT_APPLICABLE[step]}"
        elif report.poll is None and 4 <= step <= 13:
            status = "nothing to judge by"  # AUDIT-1
        steps.append({"step": f"A{step}", "status": status})
    return steps


def _counts(report: Report) -> dict[str, Any]:
    box = report.poll.box if report.poll else None
    return {
        "accepted": box.accepted if box else 0,
        "effective": len(box.standing) if box else 0,
        "spoiled": dict(sorted(report.spoiled().items())),
    }


def _result(report: Report) -> dict[str, Any] | None:
    if report.result is None:
        return None
    totals, met, questions = report.result
    return {
        "totals": {
            "eligible": totals.eligible,
            "effective": totals.effective,
            "per_district": [line._asdict() for line in totals.districts],
        },
        "quorum_met": met,
        "questions": [
            {"blank": question.blank, "outcome": [line._asdict() for line in question.outcome]}
            for question in questions
        ],
    }


def as_json(report: Report, path: str, policy: Policy | None) -> str:
    poll = report.poll
    return json.dumps(
        {
            "poll": poll.origin if poll else path,
            "instance": report.register.instance.hex() if report.register.genesis else None,
            "verdict": verdict(report),
            "evidence": evidence(report, policy),
            "phase": poll.phase if poll else UNANNOUNCED,
            "pinned_by": report.pinned_by,
            "times_judged": report.timed,
            "findings": [
                {**finding._asdict(), "step": f"A{finding.step}"} for finding in report.findings
            ],
            "steps": _steps(report),
            "evidence_checked": report.checked,
            "evidence_refused": report.refused,
            "counts": _counts(report),
            "result": _result(report),
            "transcript": report.transcript_hash,
        },
        ensure_ascii=False,
        indent=2,
    )


def as_text(report: Report, path: str, policy: Policy | None) -> str:
    poll = report.poll
    lines = [
        f"{poll.origin if poll else path}: {verdict(report)}, {evidence(report, policy)}",
        "",
    ]
    definition = poll.definition if poll else None
    if definition is not None:
        lines.append(f"Poll: {visible(definition.title)}")
    pinned = ", ".join(map(visible, report.pinned_by))
    lines.append(
        f"City: {report.register.instance.hex()}, pinned by {pinned}"
        if pinned
        else "City: nothing from elsewhere tied these files to a city"
    )
    lines.append(
        "Times: judged by the witnesses' clocks"
        if report.timed
        else "Times: the operator's word, no timed heads"  # POLL-16
    )
    lines.append(f"Receipts and saved heads: {report.checked} checked, {report.refused} refused")
    lines.append("")
    lines += [f"{step['step']:>4}  {step['status']}" for step in _steps(report)]
    lines.append("")
    lines += [
        f"A{finding.step}  {finding.code}  {finding.fault}  {_place(finding)}"
        for finding in report.findings
    ] or ["No findings."]
    lines += ["", *_result_lines(report), f"Transcript: {report.transcript_hash}"]
    return "\n".join(lines)


def _result_lines(report: Report) -> list[str]:
    poll, result = report.poll, report.result
    if poll is None or poll.definition is None or result is None:
        return ["No result: the poll was not opened."]
    lines = []
    if poll.phase == "open":
        lines.append("The poll is not closed; this is the result so far.")
    cancel = poll.standing.get(kinds.CANCEL)
    if cancel is not None:
        lines.append(f"The poll was cancelled: {REASONS[cancel.entry.body.reason]}.")
    counts = _counts(report)
    spoiled = ", ".join(f"{code} {number}" for code, number in counts["spoiled"].items())
    lines.append(
        f"Eligible {result.totals.eligible}, ballots accepted {counts['accepted']}, "
        f"effective {counts['effective']}, spoiled {spoiled or 0}; "
        f"quorum {'met' if result.quorum_met else 'missed'}"
    )
    for question, counted in zip(poll.definition.questions, result.questions):
        lines += ["", f"{visible(question.title)} (blank {counted.blank})"]
        lines += [
            f"  {'*' if line.selected else ' '} {line.votes:>8}  {visible(line.label)}"
            for line in counted.outcome
        ]
    return [*lines, ""]
