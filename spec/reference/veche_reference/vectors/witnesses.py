"""Runs the vectors of fork/ and witness/: heads that contradict each other, and who is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .. import request as requests
from ..breach import Breach
from ..fork import ForkProof
from ..note import Head, VerifierKey
from ..request import STATUS, Contradiction, Request
from .expect import code_of, content, expect


def run_fork(vector: Any, _: Path) -> None:
    known = [VerifierKey.parse(key) for key in vector["known"]]

    def proof() -> ForkProof:
        read = ForkProof.parse(content(vector["proof"]))
        read.check()
        read.check_key(known)
        return read

    expect("the code", code_of(proof), vector.get("code"))
    if "code" not in vector:
        expect("the log", proof().key.name, vector["log"])


def run_witness(vector: Any, _: Path) -> None:
    data, latest = content(vector["request"]), None
    keys = [VerifierKey.parse(key) for key in vector["keys"]]
    if vector["latest"] is not None:
        size, root = int(vector["latest"]["size"]), bytes.fromhex(vector["latest"]["root"])
        latest = Head("", size, root)
    judged = requests.judge(data, keys, latest)
    expect("the outcome", judged.outcome, vector["outcome"])
    expect("the code", judged.code, vector.get("code"))
    expect("the status", STATUS[judged.outcome], vector["status"])
    if judged.outcome == "stale":
        expect("the answer", f"{latest.size if latest else 0}\n", vector["answer"])  # WITNESS-5
    found = _contradiction(data, keys, latest)
    root = found.root.hex() if found.root else None
    expect("the contradiction", (found.kind, root), (vector["contradiction"], vector.get("root")))


def _contradiction(data: bytes, keys: list[VerifierKey], latest: Head | None) -> Contradiction:
    """Of what is not trusted nothing can be told."""
    try:
        request = Request.parse(data)
    except Breach:
        return Contradiction("none")
    return Contradiction("none") if request.trusted(keys) else request.contradiction(latest)
