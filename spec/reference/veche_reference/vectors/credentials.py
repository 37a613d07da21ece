"""Runs the vectors of blind_rsa/: what issuers and voters put on a log, number by number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .. import rsa
from .expect import expect


def _holds(case: dict[str, Any]) -> bool:
    def part(name: str) -> bytes:
        return bytes.fromhex(case[name])

    modulus = part("modulus")
    match case["check"]:
        case "key":
            return not rsa.is_weak(modulus, case["modulus_bits"])
        case "signature":
            return rsa.verify(part("signature"), part("message"), modulus)
        case "blinded":
            return rsa.may_be_signed(part("blinded"), modulus)
        case "blind-signature":
            return rsa.signs_blinded(part("blind_signature"), part("blinded"), modulus)
        case "factor":
            parts = (part(name) for name in ("signature", "factor", "blinded"))
            return rsa.signs_with_factor(*parts, modulus)
        case other:
            raise ValueError(f"no such check: {other}")


def run_blind_rsa(vector: Any, _: Path) -> None:
    shared = {name: vector[name] for name in ("modulus_bits", "modulus") if name in vector}
    for case in vector["cases"]:
        expect(f"{case['name']} ({case['check']})", _holds(shared | case), case["holds"])
