"""Runs the vectors of what is signed: keys, notes, heads, cosignatures, policies and receipts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..breach import Breach
from ..grown import GrownReceipt
from ..note import ED25519, Checkpoint, Note, VerifierKey
from ..policy import Policy
from ..receipt import Receipt
from .expect import code_of, content, expect


def run_key(vector: Any, _: Path) -> None:
    expect("the code", code_of(lambda: VerifierKey.parse(vector["key"])), vector.get("code"))
    if "code" not in vector:
        key = VerifierKey.parse(vector["key"])
        expect("the name", key.name, vector["name"])
        expect("the id", key.id.hex(), vector["id"])
        expect("the type", key.kind, vector["type"])
        expect("the public key", key.public.hex(), vector["public_key"])


def run_note(vector: Any, _: Path) -> None:
    keys = [VerifierKey.parse(key) for key in vector["keys"]]

    def signers() -> list[int]:
        found = Note.parse(content(vector["note"])).signers(keys)
        if not found:
            raise Breach("note-unsigned")  # LOG-5, where any one of them has to have signed
        return [place for place, key in enumerate(keys) if key in found]

    expect("the code", code_of(signers), vector.get("code"))
    if "code" not in vector:
        expect("who signed", signers(), vector["signers"])


def run_checkpoint(vector: Any, _: Path) -> None:
    key = VerifierKey.parse(vector["key"])

    def head() -> Checkpoint:
        checkpoint = Checkpoint.parse(vector["checkpoint"].encode())
        checkpoint.signed_by(key.name, key.public)
        return checkpoint

    expect("the code", code_of(head), vector.get("code"))
    if "code" not in vector:
        expect("the origin", head().origin, vector["origin"])
        expect("the size", head().size, int(vector["size"]))
        expect("the root", head().root.hex(), vector["root"])


def run_cosignature(vector: Any, _: Path) -> None:
    witness = VerifierKey.parse(vector["witness"])

    def times() -> list[int | None]:
        note = Checkpoint.parse(vector["checkpoint"].encode()).note
        return note.signers([witness]).get(witness, [])

    expect("the code", code_of(times), vector.get("code"))
    if "code" not in vector:
        expected = [None if time is None else int(time) for time in vector["times"]]
        expect("the times", times(), expected)


def run_policy(vector: Any, _: Path) -> None:
    def judge() -> None:
        policy = Policy.parse(content(vector["policy"]))
        if "checkpoint" not in vector:
            return
        head = Checkpoint.parse(vector["checkpoint"].encode())
        own = [key for key in policy.logs if (key.name, key.kind) == (head.origin, ED25519)]
        signers = head.note.signers([*own, *policy.known(head.origin)])
        if not any(key in signers for key in own):
            raise Breach("note-unsigned")  # LOG-5
        policy.check(head.origin, signers)

    expect("the code", code_of(judge), vector.get("code"))


def run_grown_receipt(vector: Any, _: Path) -> None:
    key = VerifierKey.parse(vector["key"])
    entry = None if vector["entry"] is None else bytes.fromhex(vector["entry"])

    def read() -> tuple[GrownReceipt, Any]:
        grown = GrownReceipt.parse(content(vector["receipt"]))
        return grown, grown.check(key, entry)

    expect("the code", code_of(read), vector.get("code"))
    if "code" in vector:
        return
    grown, head = read()
    sizes = [receipt.checkpoint.size for receipt in grown.receipts()]
    expect("the sizes", sizes[:2], [int(vector["first"]), int(vector["later"])])
    anchor = None
    if grown.anchor is not None and head is not None:
        anchor = [str(number) for number in (grown.anchor.receipt.index, head.size, sizes[2])]
    expect("the anchor", anchor, vector["anchor"])


def run_receipt(vector: Any, _: Path) -> None:
    key = VerifierKey.parse(vector["key"])
    entry = None if vector["entry"] is None else bytes.fromhex(vector["entry"])

    def read() -> Receipt:
        receipt = Receipt.parse(content(vector["receipt"]))
        receipt.check(key.name, key.public, entry=entry)
        return receipt

    expect("the code", code_of(read), vector.get("code"))
    if "code" not in vector:
        expect("the index", read().index, int(vector["index"]))
        expect("the size", read().checkpoint.size, int(vector["size"]))
