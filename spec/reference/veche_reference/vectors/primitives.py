"""Runs the vectors of ml_dsa/, blind_rsa/, ceremony/ and sealing/: cryptography by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

from .. import dealing, ml_dsa, ristretto, rsa, sealing
from ..breach import Breach
from ..curve import BASE, Point, multiply
from ..dealing import Transport
from ..sealing import Seal
from ..shape import SealedContent
from .expect import code_of, expect


def run_ml_dsa(vector: Any, _: Path) -> None:
    for case in vector["cases"]:
        part = _parts(vector | case)
        holds = ml_dsa.verify(part("public_key"), part("message"), part("signature"))
        expect(f"{case['name']!r}: whether it holds", holds, case.get("holds", True))


def run_blind_rsa(vector: Any, _: Path) -> None:
    for case in vector["cases"]:
        part = _parts(vector | case)
        modulus = part("modulus")
        match case["check"]:
            case "key":
                bits = (vector | case)["modulus_bits"]
                holds = not rsa.is_weak(modulus, bits)
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


def _parts(vector: Any) -> Callable[[str], bytes]:
    return lambda name: bytes.fromhex(vector[name])


def _dealt(dealing_: Any) -> list[Point]:
    """The commitments of a dealing, which are checked with its proof."""
    commitments = [bytes.fromhex(commitment) for commitment in dealing_["commitments"]]
    proof = bytes.fromhex(dealing_["proof"])
    return dealing.check(dealing_["threshold"], dealing_["dealer"], commitments, proof)


def _share(vector: Any, shared: bytes) -> int:
    announce, number, dealer, recipient = _two(vector)
    encrypted = bytes.fromhex(vector["encrypted_share"])
    share = dealing.right_share(
        announce, number, dealer, recipient, shared, encrypted, _dealt(vector)
    )
    if share is None:
        raise Breach("share-invalid")
    return share


def _two(vector: Any) -> tuple[bytes, int, tuple[int, Transport], tuple[int, Transport]]:
    """What a share and a complaint about it have in common."""
    part = _parts(vector)
    return (
        part("announce"), int(vector["ceremony"]),
        (vector["dealer"], Transport.parse(part("dealer_key"))),
        (vector["recipient"], Transport.parse(part("recipient_key"))),
    )


def run_ceremony(vector: Any, _: Path) -> None:
    found: dict[str, Any] = {}
    code = code_of(lambda: _CEREMONY[vector["check"]](vector, found))
    expect("the code", code, vector.get("code"))
    for name, value in found.items():
        shown = value.hex() if isinstance(value, bytes) else value
        expect(name.replace("_", " "), shown, vector[name])


def _transport_key(vector: Any, found: dict[str, Any]) -> None:
    Transport.parse(bytes.fromhex(vector["transport_key"]))
    secret = _number(vector["transport_secret"])
    found["transport_key"] = ristretto.encode(multiply(secret, BASE))


def _dealing(vector: Any, found: dict[str, Any]) -> None:
    part = _parts(vector)
    commitments = [bytes.fromhex(commitment) for commitment in vector["commitments"]]
    found["commitment_hash"] = dealing.commitment_hash(
        part("announce"), int(vector["ceremony"]), vector["dealer"], commitments, part("proof")
    )
    _dealt(vector)


def _received(vector: Any, found: dict[str, Any]) -> None:
    _, _, (_, dealer), _ = _two(vector)
    secret = _number(vector["recipient_secret"])
    found["recipient_key"] = ristretto.encode(multiply(secret, BASE))
    share = _share(vector, ristretto.encode(multiply(secret, dealer.point)))
    found["share"] = share.to_bytes(32, "little")


def _complaint(vector: Any, found: dict[str, Any]) -> None:
    part = _parts(vector)
    shared = part("shared_point")
    if not dealing.proves_shared_point(*_two(vector), shared, part("complaint_proof")):
        raise Breach("complaint-invalid")
    is_right = code_of(lambda: _share(vector, shared)) is None
    found["guilty"] = "complainant" if is_right else "dealer"


def _key_share(vector: Any, found: dict[str, Any]) -> None:
    totals, trustee = dealing.summed(map(_dealt, vector["dealings"])), vector["trustee"]
    found["election_key"] = ristretto.encode(totals[0])
    found["verification_share"] = ristretto.encode(dealing.at(totals, trustee))
    if dealing.true_share(bytes.fromhex(vector["key_share"]), trustee, totals) is None:
        raise Breach("share-invalid")


def _combination(vector: Any, found: dict[str, Any]) -> None:
    totals = dealing.summed(map(_dealt, vector["dealings"]))
    shares = {}
    for given in vector["key_shares"]:
        data = bytes.fromhex(given["key_share"])
        share = dealing.true_share(data, given["trustee"], totals)
        if share is None:
            raise Breach("share-invalid")
        shares[given["trustee"]] = share
    found["decryption_key"] = dealing.combined(shares).to_bytes(32, "little")
    found["election_key"] = ristretto.encode(totals[0])


def _transcript(vector: Any, found: dict[str, Any]) -> None:
    posted = [
        (one["trustee"], bytes.fromhex(one["join"]), bytes.fromhex(one["deal"]))
        for one in vector["participants"]
    ]
    announce = bytes.fromhex(vector["announce"])
    found["transcript"] = dealing.transcript(announce, int(vector["ceremony"]), posted)


_CEREMONY: dict[str, Callable[[Any, dict[str, Any]], None]] = {
    "transport-key": _transport_key,
    "dealing": _dealing,
    "share": _received,
    "complaint": _complaint,
    "key-share": _key_share,
    "combination": _combination,
    "transcript": _transcript,
}


def run_sealing(vector: Any, _: Path) -> None:
    part, keys = _parts(vector), dict[str, Any]()
    _combination(vector, keys)
    expect("the decryption key", keys["decryption_key"], part("decryption_key"))
    expect("the election key", keys["election_key"], part("election_key"))
    seal = Seal(_number(vector["decryption_key"]), part("election_key"), part("open"))
    content = SealedContent(part("point"), part("ciphertext"))

    def message() -> bytes:
        sealing.check_form(content, vector["length"])
        return seal.open(part("ballot_key"), content)

    expect("the code", code_of(message), vector.get("code"))
    if "code" not in vector:
        expect("the message", message().hex(), vector["message"])


def _number(text: str) -> int:
    return int.from_bytes(bytes.fromhex(text), "little")
