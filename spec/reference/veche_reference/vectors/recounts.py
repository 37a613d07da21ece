"""Runs the vectors of recount/ and submit/: whole polls as observers find them."""

from __future__ import annotations

import json
from base64 import b64decode
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ..finding import Evidence
from ..note import VerifierKey
from ..policy import Policy
from ..recount import Recount
from ..report import as_json, evidence
from ..source import Unreadable
from ..submission import judge
from .expect import BeyondAVerifier, expect

# What only a server refuses: by what it keeps, and by its clock (POLL-15).
ONLY_A_SERVER = ("unknown-log", "opened-early", "closed-early")


class _Files:
    """The public files of a vector as a source."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    def get(self, name: str) -> bytes | None:
        return b64decode(self.files[name]) if name in self.files else None


def run_recount(vector: Any, _: Path) -> None:
    instance, key, policy = vector["instance"], vector["key"], vector["policy"]
    expected = vector["expect"]
    given = Evidence(
        instance=None if instance is None else bytes.fromhex(instance),
        key=None if key is None else VerifierKey.parse(key),
        policy=None if policy is None else Policy.parse(policy.encode()),
        heads=tuple(b64decode(head["content"]) for head in vector["heads"]),
        receipts=tuple(b64decode(receipt["content"]) for receipt in vector["receipts"]),
        claims=tuple(b64decode(claim["content"]) for claim in vector.get("claims", ())),
    )
    try:
        found = Recount(_Files(vector["files"]), vector["poll"], given).run()
    except Unreadable:
        expect("the outcome", {"exit": 3}, expected)
        return
    box = found.poll.box if found.poll else None
    exhibits = (*vector["heads"], *vector["receipts"], *vector.get("claims", ()))
    names = [exhibit["name"] for exhibit in exhibits]
    findings = [
        {"step": f"A{step}", "code": code, "log": log, "index": index, "fault": fault}
        for step, code, log, index, fault in found.findings
        if fault != "peer"
    ]
    refused = [
        {"name": name, "code": exhibit.code, "fault": "peer"}
        for name, exhibit in zip(names, found.exhibits)
        if exhibit.outcome == "refused"
    ]
    counts = {
        "accepted": box.accepted if box else 0,
        "effective": len(box.effective) if box else 0,
    }
    ballots = counts if found.poll else None
    expect("the verdict", "SOUND" if found.sound else "NOT SOUND", expected["verdict"])
    expect("the exit code", 0 if found.sound else 1, expected["exit"])
    expect("the evidence", evidence(found, given.policy), expected["evidence"])
    expect("what was found", findings, expected["findings"])
    expect("what was refused", refused, expected["refused"])
    expect("the ballots", ballots, expected["ballots"])
    expect("the result", json.loads(json.dumps(found.result)), expected["result"])
    transcript = found.transcript.hex() if found.transcript else None
    expect("the transcript", transcript, expected["transcript"])
    expect("its hash", found.transcript_hash, expected["transcript_sha256"])
    report = as_json(found, vector["poll"], given.policy)
    for line, wanted in zip_longest(report.splitlines(), expected["report"]):
        expect("the report", line, wanted)


def run_submit(vector: Any, directory: Path) -> None:
    if vector.get("code") in ONLY_A_SERVER:
        raise BeyondAVerifier
    city = json.loads((directory / vector["city"]).read_text("utf-8"))
    found = judge(_Files(city["files"]), vector["path"], bytes.fromhex(vector["entry"]))
    expect("the outcome", found, vector.get("code", vector.get("index")))
