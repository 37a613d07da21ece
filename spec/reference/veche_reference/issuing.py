"""How the issuers of an anonymous poll give out credentials: their keys, requests, what they issue.

Phases and signatures are judged by the poll, between the two parts of each check here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from . import rsa
from .breach import Breach
from .shape import Definition, IssuedEntry, Issuance, IssuerKeysEntry, RequestEntry

UNTIL_CLOSE = 1
SMALLEST_CROWD = 50


@dataclass
class Request:
    """A request that stands; `issued_by` are the places of the issuers that have issued for it."""

    key: bytes
    district: str
    blinded: tuple[bytes, ...]
    issued_by: set[int] = field(default_factory=set)


class Turnout(NamedTuple):
    """The four numbers of a district (AUDIT-13)."""

    district: str
    eligible: int
    requested: int
    issued: int
    spent: int

    @property
    def gap(self) -> int:
        return self.issued - self.spent


@dataclass
class Issuing:
    """`moduli` are the keys that stand, by the issuer's place and district."""

    definition: Definition
    issuance: Issuance
    moduli: dict[tuple[int, str], bytes] = field(default_factory=dict)
    requests: dict[int, Request] = field(default_factory=dict)
    asked: set[bytes] = field(default_factory=set)

    def issuer(self, signers: tuple[bytes, ...]) -> int:
        """The place of the one issuer that signed."""
        keys = [issuer.key for issuer in self.issuance.issuers]
        if len(signers) != 1 or signers[0] not in keys:
            raise Breach("issuer-unknown")  # CRED-6, CRED-8
        return keys.index(signers[0])

    def take_keys(self, issuer: int, body: IssuerKeysEntry) -> None:
        """CRED-6, after the signature."""
        admitted = self.definition.districts
        given = dict(self.moduli)
        for code, modulus in body.moduli:
            if admitted and code not in admitted:
                raise Breach("roll-district", code)
            if (issuer, code) in given:
                raise Breach("issuer-key-repeated", f"a second one for {code}")
            if rsa.is_weak(modulus, self.issuance.modulus_bits):
                raise Breach("issuer-key-weak", code)  # CRED-1
            if modulus in given.values():
                raise Breach("issuer-key-repeated", "one modulus twice")
            given[issuer, code] = modulus
        self.moduli = given

    def check_crowds(self, eligible: dict[str, int]) -> None:
        """POLL-23."""
        voting = [code for code, number in eligible.items() if number]
        if any(eligible[code] < SMALLEST_CROWD for code in voting):
            raise Breach("crowd-too-small")
        issuers = range(len(self.issuance.issuers))
        if any((issuer, code) not in self.moduli for code in voting for issuer in issuers):
            raise Breach("issuer-key-missing")

    def moduli_of(self, code: str) -> tuple[bytes, ...]:
        """Those of all issuers, for a district for which all of them have given one."""
        return tuple(self.moduli[place, code] for place in range(len(self.issuance.issuers)))

    def check_over(self, is_open: bool) -> None:
        if is_open and self.issuance.issuing != UNTIL_CLOSE:
            raise Breach("issuing-over")  # CRED-7, CRED-8

    def request(self, index: int, key: bytes, district: str, body: RequestEntry) -> None:
        """CRED-7, after the signature."""
        moduli = self.moduli_of(district)
        if len(body.blinded) != len(moduli):
            raise Breach("blinded-message", "not one for each issuer")
        for blinded, modulus in zip(body.blinded, moduli):
            if not rsa.may_be_signed(blinded, modulus):
                raise Breach("blinded-message")  # CRED-4
        if key in self.asked:
            raise Breach("request-repeated")
        self.asked.add(key)
        self.requests[index] = Request(key, district, body.blinded)

    def issue(self, issuer: int, body: IssuedEntry) -> None:
        """CRED-8, after the signature."""
        served: set[int] = set()
        for index, signature in body.signatures:
            request = self.requests.get(index)
            if request is None:
                raise Breach("request-unknown", str(index))
            if issuer in request.issued_by or index in served:
                raise Breach("issued-twice", str(index))
            modulus = self.moduli[issuer, request.district]
            if not rsa.signs_blinded(signature, request.blinded[issuer], modulus):
                raise Breach("issued-invalid", str(index))  # CRED-5
            served.add(index)
        for index in served:
            self.requests[index].issued_by.add(issuer)

    def turnout(self, eligible: dict[str, int], spent: Counter[str]) -> list[Turnout]:
        """AUDIT-13: a line for each district that the pins list, ascending by code."""
        requested = Counter(request.district for request in self.requests.values())
        issued = Counter(
            request.district
            for request in self.requests.values()
            if len(request.issued_by) == len(self.issuance.issuers)  # CRED-8
        )
        return [
            Turnout(code, eligible[code], requested[code], issued[code], spent[code])
            for code in sorted(eligible)
        ]
