"""Claims: files by which voters lay open credentials that they have not spent (CRED-11).

What a claim says of a poll, and whether its credential was spent, is a step of the recount.
"""

from __future__ import annotations

from typing import NamedTuple

from . import rsa
from .breach import Breach
from .cbor import LARGEST, encode
from .credential import Scheme
from .ed25519 import Signature, verify
from .issuing import Request
from .payload import PayloadReader
from .shape import Credential

LONGEST_CLAIM = 65_535
TAG = "veche/claim/v1"


class Claim(NamedTuple):
    """`pairs` are signature and blinding factor, one pair for each issuer."""

    instance: bytes
    origin: str
    request: int
    key: bytes
    prefix: bytes
    pairs: tuple[tuple[bytes, bytes], ...]
    voter_signature: bytes

    @classmethod
    def parse(cls, data: bytes) -> Claim:
        try:
            if len(data) > LONGEST_CLAIM:
                raise Breach("claim-malformed", f"{len(data)} bytes")
            return cls._read(PayloadReader(data))
        except Breach as breach:
            raise Breach("claim-malformed", str(breach)) from breach

    @classmethod
    def _read(cls, read: PayloadReader) -> Claim:
        def pair() -> tuple[bytes, bytes]:
            read.array(2, 2)
            return read.rsa_number(), read.rsa_number()

        read.array(8, 8)
        if read.text(0, LARGEST) != TAG:
            raise read.refuse("another tag")
        claim = cls(
            read.hash(), read.origin(), read.uint(), read.bytes(32), read.bytes(32),
            read.many(1, 8, pair), read.bytes(64),
        )
        read.end()
        return claim

    def check(self, scheme: Scheme, requests: dict[int, Request]) -> str:
        """The voter's district, if the claim holds."""
        request = requests.get(self.request)
        if (self.instance, self.origin) != (scheme.instance, scheme.origin) or request is None:
            raise Breach("claim-invalid", "of another poll, or without a request")
        message = encode([TAG, *self[:6]])
        if not verify(Signature(request.key, self.voter_signature, message)):
            raise Breach("claim-invalid", "not signed by the voter")
        signatures = tuple(signature for signature, _ in self.pairs)
        credential = Credential(request.district, self.prefix, signatures)
        if not scheme.holds(self.key, credential):
            raise Breach("claim-invalid", "no credential")
        moduli = scheme.moduli[request.district]
        for (signature, factor), blinded, modulus in zip(self.pairs, request.blinded, moduli):
            if not rsa.signs_with_factor(signature, factor, blinded, modulus):
                raise Breach("claim-invalid", "not what was asked for")
        return request.district
