"""Runs the vectors of blind_rsa/, ceremony/ and sealing/: what secrecy in a poll rests on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .. import rsa
from .expect import expect


def run_blind_rsa(vector: Any, _: Path) -> None:
    for case in vector["cases"]:
        whole = vector | case
        modulus = bytes.fromhex(whole["modulus"])

        def part(name: str, of: Any = whole) -> bytes:
            return bytes.fromhex(of[name])

        match case["check"]:
            case "key":
                holds = not rsa.is_weak(modulus, whole["modulus_bits"])
            case "signature":
                holds = rsa.verify(part("signature"), part("message"), modulus)
            case "blinded":
                holds = rsa.may_be_signed(part("blinded"), modulus)
            case "blind-signature":
                holds = rsa.signs_blinded(part("blind_signature"), part("blinded"), modulus)
            case "factor":
                holds = rsa.signs_with_factor(
                    part("signature"), part("factor"), part("blinded"), modulus
                )
            case other:
                raise ValueError(f"a check of another kind: {other}")
        expect(f"{case['name']!r}: whether it holds", holds, case["holds"])
