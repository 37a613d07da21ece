"""Credentials: what the issuers sign for a voter's own key, and whether they have (CRED-2, CRED-3).

How credentials are asked for and issued is in `issuing`.
"""

from __future__ import annotations

from typing import NamedTuple

from . import ed25519, rsa
from .breach import Breach
from .cbor import encode
from .shape import Credential


class Scheme(NamedTuple):
    """What all credentials of a poll share.

    `moduli` has, for each district that has voters, those of the issuers in the definition's order.
    """

    instance: bytes
    origin: str
    begin: bytes
    moduli: dict[str, tuple[bytes, ...]]

    def message(self, prefix: bytes, code: str, key: bytes) -> bytes:
        """CRED-2."""
        return prefix + encode(
            ["veche/credential/v1", self.instance, self.origin, self.begin, code, key]
        )

    def holds(self, key: bytes, credential: Credential) -> bool:
        """CRED-3, for every issuer."""
        message = self.message(credential.prefix, credential.code, key)
        moduli = self.moduli[credential.code]
        return len(credential.signatures) == len(moduli) and all(
            rsa.verify(signature, message, modulus)
            for signature, modulus in zip(credential.signatures, moduli)
        )

    def check_form(self, key: bytes, credential: Credential) -> None:
        """BALLOT-13."""
        if ed25519.is_weak(key):
            raise Breach("key-weak", key.hex())
        if credential.code not in self.moduli:
            raise Breach("credential-district", credential.code)
        if len(credential.signatures) != len(self.moduli[credential.code]):
            raise Breach("credential-invalid", "not one signature of each issuer")
