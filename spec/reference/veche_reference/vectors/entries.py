"""Runs the vectors of entry/, ed25519/ and count/: what stands in a log, and what it gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .. import ed25519
from ..ballot import check_choices
from ..cbor import encode
from ..count import bounds, check_rule, count
from ..ed25519 import Signature
from ..entry import decode
from ..kind import NAMES
from ..shape import Approval, EqualShares, Rule, SingleChoice
from .expect import code_of, expect

# The verdicts that the README of ed25519/ gives for the twelve cases.
SPECCHECK = [case not in (6, 7, 8) for case in range(12)]

def run_ed25519(vector: Any, _: Path) -> None:
    signatures = [
        Signature(*(bytes.fromhex(case[part]) for part in ("pub_key", "signature", "message")))
        for case in vector
    ]
    expect("each alone", [ed25519.verify(signature) for signature in signatures], SPECCHECK)
    expect("a batch", ed25519.verify_batch(signatures), SPECCHECK)


def _rule(items: list[Any]) -> Rule:
    kind, *parameters, ties = items
    return (SingleChoice, Approval, EqualShares)[kind](*parameters, tuple(ties))


def run_count(vector: Any, _: Path) -> None:
    rule, costs, ballots = _rule(vector["rule"]), vector["costs"], vector["ballots"]

    def attempt() -> None:
        check_rule(rule, costs)
        for ballot in ballots:
            check_choices(ballot, len(costs), *bounds(rule))

    expect("the code", code_of(attempt), vector.get("breach"))
    if "breach" not in vector:
        counted = count(rule, costs, ballots)
        for part in ("votes", "selected", "blank"):
            found = getattr(counted, part)
            expect(part, list(found) if part != "blank" else found, vector[part])


def run_entry(vector: Any, _: Path) -> None:
    data = bytes.fromhex(vector["entry"])
    expect("the code", code_of(lambda: decode(data, vector["log"])), vector.get("code"))
    if "code" in vector:
        return
    entry = decode(data, vector["log"])
    expect("the kind", NAMES[entry.kind], vector["kind"])
    expect("the leaf hash", entry.leaf.hex(), vector["leaf"])
    again = encode([entry.payload, entry.signatures])
    expect("the encoding", again.hex(), vector["entry"])
    claims = entry.signed(
        bytes.fromhex(vector["instance"]), vector["origin"], bytes.fromhex(vector["under"])
    )
    expect("the message", claims[0].message.hex(), vector["message"])
    expect("the signatures", ed25519.verify_batch(claims), [True] * len(claims))
