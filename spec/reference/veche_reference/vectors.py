"""Runs the test vectors of spec/vectors: each folder has a form of its own, told in its README."""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any, Callable

from . import ed25519
from .ballot import check_choices
from .breach import Breach
from .cbor import encode
from .count import bounds, check_rule, count
from .ed25519 import Signature
from .entry import decode
from .finding import Evidence
from .note import VerifierKey
from .payload import KINDS, Approval, EqualShares, Rule, SingleChoice
from .policy import Policy
from .recount import Recount
from .report import evidence
from .source import Unreadable
from .submission import judge

# The verdicts that the README of ed25519/ gives for the twelve cases.
SPECCHECK = [case not in (6, 7, 8) for case in range(12)]

# What only a server refuses: by what it keeps, and by its clock (POLL-15).
BEYOND_A_VERIFIER = ("unknown-log", "opened-early", "closed-early")

KIND_NAMES = {
    0: "genesis", 1: "officers", 2: "commission", 4: "log", 5: "anchors", 16: "roll", 17: "enrol",
    18: "revoke", 32: "announce", 34: "open", 35: "ballot", 36: "close", 37: "certify",
    38: "cancel",
}


class Differs(Exception):
    """An outcome is not the expected one."""


def _expect(what: str, found: Any, expected: Any) -> None:
    if found != expected:
        raise Differs(f"{what} is {found}, expected {expected}")


def _code(attempt: Callable[[], Any]) -> str | None:
    try:
        attempt()
    except Breach as breach:
        return breach.code
    return None


def _ed25519(vector: Any, _: Path) -> None:
    signatures = [
        Signature(*(bytes.fromhex(case[part]) for part in ("pub_key", "signature", "message")))
        for case in vector
    ]
    _expect("each alone", [ed25519.verify(signature) for signature in signatures], SPECCHECK)
    _expect("a batch", ed25519.verify_batch(signatures), SPECCHECK)


def _rule(items: list[Any]) -> Rule:
    kind, *parameters, ties = items
    return (SingleChoice, Approval, EqualShares)[kind](*parameters, tuple(ties))


def _count(vector: Any, _: Path) -> None:
    rule, costs, ballots = _rule(vector["rule"]), vector["costs"], vector["ballots"]

    def attempt() -> None:
        check_rule(rule, costs)
        for ballot in ballots:
            check_choices(ballot, len(costs), *bounds(rule))

    _expect("the code", _code(attempt), vector.get("breach"))
    if "breach" not in vector:
        counted = count(rule, costs, ballots)
        for part in ("votes", "selected", "blank"):
            found = getattr(counted, part)
            _expect(part, list(found) if part != "blank" else found, vector[part])


def _entry(vector: Any, _: Path) -> None:
    data = bytes.fromhex(vector["entry"])
    _expect("the code", _code(lambda: decode(data, vector["log"])), vector.get("code"))
    if "code" in vector:
        return
    entry = decode(data, vector["log"])
    _expect("the kind", KIND_NAMES[entry.kind], vector["kind"])
    _expect("the leaf hash", entry.leaf.hex(), vector["leaf"])
    again = encode([entry.payload, entry.signatures])
    _expect("the encoding", again.hex(), vector["entry"])
    claims = entry.signed(
        bytes.fromhex(vector["instance"]), vector["origin"], bytes.fromhex(vector["under"])
    )
    _expect("the message", claims[0].message.hex(), vector["message"])
    _expect("the signatures", ed25519.verify_batch(claims), [True] * len(claims))


class _Files:
    """The public files of a vector as a source."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    def get(self, name: str) -> bytes | None:
        return b64decode(self.files[name]) if name in self.files else None


def _recount(vector: Any, _: Path) -> None:
    instance, key, policy = vector["instance"], vector["key"], vector["policy"]
    expected = vector["expect"]
    given = Evidence(
        instance=None if instance is None else bytes.fromhex(instance),
        key=None if key is None else VerifierKey.parse(key),
        policy=None if policy is None else Policy.parse(policy.encode()),
        heads=tuple(b64decode(head["content"]) for head in vector["heads"]),
        receipts=tuple(b64decode(receipt["content"]) for receipt in vector["receipts"]),
    )
    try:
        found = Recount(_Files(vector["files"]), vector["poll"], given).run()
    except Unreadable:
        _expect("the outcome", {"exit": 3}, expected)
        return
    box = found.poll.box if found.poll else None
    names = [exhibit["name"] for exhibit in (*vector["heads"], *vector["receipts"])]
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
        "effective": len(box.standing) if box else 0,
    }
    ballots = counts if found.poll else None
    _expect("the verdict", "SOUND" if found.sound else "NOT SOUND", expected["verdict"])
    _expect("the exit code", 0 if found.sound else 1, expected["exit"])
    _expect("the evidence", evidence(found, given.policy), expected["evidence"])
    _expect("what was found", findings, expected["findings"])
    _expect("what was refused", refused, expected["refused"])
    _expect("the ballots", ballots, expected["ballots"])
    _expect("the result", json.loads(json.dumps(found.result)), expected["result"])
    transcript = found.transcript.hex() if found.transcript else None
    _expect("the transcript", transcript, expected["transcript"])
    _expect("its hash", found.transcript_hash, expected["transcript_sha256"])


def _submit(vector: Any, directory: Path) -> None:
    if vector.get("code") in BEYOND_A_VERIFIER:
        return
    city = json.loads((directory / vector["city"]).read_text("utf-8"))
    found = judge(_Files(city["files"]), vector["path"], bytes.fromhex(vector["entry"]))
    _expect("the outcome", found, vector.get("code", vector.get("index")))


FOLDERS: dict[str, Callable[[Any, Path], None]] = {
    "ed25519": _ed25519,
    "count": _count,
    "entry": _entry,
    "recount": _recount,
    "submit": _submit,
}


def run(directory: Path) -> bool:
    """Whether every vector below the directory gives its expected outcome."""
    passed = failed = 0
    for folder in sorted(path for path in directory.iterdir() if path.is_dir()):
        if folder.name not in FOLDERS:
            print(f"{folder.name}: no runner for this folder", file=sys.stderr)
            failed += 1
            continue
        for file in sorted(folder.glob("*.json")):
            try:
                FOLDERS[folder.name](json.loads(file.read_text("utf-8")), directory)
                passed += 1
            except Differs as difference:
                print(f"{folder.name}/{file.name}: {difference}")
                failed += 1
    print(f"{passed} vectors as expected, {failed} not")
    return failed == 0


assert set(KIND_NAMES) == {kind for kinds in KINDS.values() for kind in kinds}
