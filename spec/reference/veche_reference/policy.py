"""Policies of C2SP: whom an auditor believes, and which heads are witnessed well enough."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .breach import Breach
from .note import COSIGNATURE, ED25519, ML_DSA_44, Signers, VerifierKey
from .text import decimal, of_one_city

LONGEST_POLICY = 262_144
_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_NONE = b"none"


@dataclass(frozen=True)
class Policy:
    """`needed` gives for each group how many of which members must have witnessed."""

    logs: tuple[VerifierKey, ...]
    witnesses: dict[bytes, VerifierKey]
    needed: dict[bytes, tuple[int, tuple[bytes, ...]]]
    quorum: bytes

    @classmethod
    def parse(cls, data: bytes) -> Policy:
        """LOG-14."""
        if len(data) > LONGEST_POLICY or not data.endswith(b"\n") or _CONTROL.search(data):
            raise Breach("policy-malformed", "too long, without end, or with control characters")
        reader = _Lines()
        for row in data.split(b"\n"):
            words = re.split(rb"[ \t]+", row.strip(b" \t"))
            if words != [b""] and not words[0].startswith(b"#"):
                reader.read(words)
        if reader.quorum is None:
            raise Breach("policy-malformed", "no quorum")
        return cls(tuple(reader.logs), reader.witnesses, reader.needed, reader.quorum)

    def known(self, origin: str) -> list[VerifierKey]:
        """LOG-5: the keys that this policy makes known on heads of a log, besides the log's own."""
        return [*self.witnesses.values(), *self.second_keys(origin)]

    def second_keys(self, origin: str) -> list[VerifierKey]:
        """LOG-18: of this log, each under its origin."""
        return [
            VerifierKey(origin, ML_DSA_44, key.public)
            for key in self.logs
            if key.kind == ML_DSA_44 and (key.name == origin or of_one_city(key.name, origin))
        ]

    def check_second(self, origin: str, signers: Signers) -> None:
        """LOG-18, of a head of the log with this origin."""
        keys = self.second_keys(origin)
        if keys and not any(key in signers for key in keys):
            raise Breach("note-unsigned", f"not a second time by {origin}")

    def check(self, origin: str, signers: Signers) -> None:
        """LOG-15: whether a head of the log with this origin satisfies the policy."""
        self.check_second(origin, signers)
        if not self._has_quorum(signers):
            raise Breach("quorum-missing")

    def witnessed_by(self, signers: Signers) -> set[bytes]:
        """The names of the witnesses that have witnessed a head with these signers (LOG-15)."""
        return {name for name, key in self.witnesses.items() if key in signers}

    def _has_quorum(self, signers: Signers) -> bool:
        """A group's members stand on earlier lines, so one pass in order is enough."""
        if self.quorum == _NONE:
            return True
        have = self.witnessed_by(signers)
        for group, (count, members) in self.needed.items():
            if sum(member in have for member in members) >= count:
                have.add(group)
        return self.quorum in have


class _Lines:
    """What the lines read so far have defined."""

    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.witnesses: dict[bytes, VerifierKey] = {}
        self.needed: dict[bytes, tuple[int, tuple[bytes, ...]]] = {}
        self.grouped: set[bytes] = set()
        self.quorum: bytes | None = None

    def read(self, words: list[bytes]) -> None:
        match words:
            case [b"log", key] | [b"log", key, _]:
                self._log(key)
            case [b"witness", name, key] | [b"witness", name, key, _]:
                self._witness(name, key)
            case [b"group", name, count, *members] if members:
                self._group(name, count, members)
            case [b"quorum", name]:
                if self.quorum is not None or not (name == _NONE or self._defined(name)):
                    raise Breach("policy-malformed", "its quorum")
                self.quorum = name
            case _:
                raise Breach("policy-malformed", "a line of another form")
        if words[0] in (b"log", b"witness"):
            _utf8(words[-1])  # the URL, where there is one

    def _defined(self, name: bytes) -> bool:
        return name in self.witnesses or name in self.needed

    def _name(self, name: bytes) -> bytes:
        if name == _NONE or self._defined(name):
            raise Breach("policy-malformed", "a name that is taken")
        return name

    def _log(self, text: bytes) -> None:
        key = _key(text, (ED25519, ML_DSA_44))
        if any(key.public == other.public for other in self.logs):
            raise Breach("policy-malformed", "two logs with one key")
        self.logs.append(key)

    def _witness(self, name: bytes, text: bytes) -> None:
        key = _key(text, (COSIGNATURE, ML_DSA_44))
        if any(key.public == other.public for other in self.witnesses.values()):
            raise Breach("policy-malformed", "two witnesses with one key")
        self.witnesses[self._name(name)] = key

    def _group(self, name: bytes, count: bytes, members: list[bytes]) -> None:
        self._name(name)
        for member in members:
            if not self._defined(member) or member in self.grouped:
                raise Breach("policy-malformed", "a member that is unknown or in a group already")
            self.grouped.add(member)
        match count:
            case b"any":
                needed: int | None = 1
            case b"all":
                needed = len(members)
            case _:
                needed = decimal(_utf8(count))
        if needed is None or not 1 <= needed <= len(members):
            raise Breach("policy-malformed", "the count of a group")
        self.needed[name] = (needed, tuple(members))


def _utf8(word: bytes) -> str:
    try:
        return word.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Breach("policy-malformed", "not UTF-8") from error


def _key(text: bytes, kinds: tuple[int, ...]) -> VerifierKey:
    try:
        key = VerifierKey.parse(_utf8(text))
    except Breach as breach:
        raise Breach("policy-malformed", breach.detail) from breach  # LOG-3
    if key.kind not in kinds:
        raise Breach("policy-malformed", "a key of a type that stands elsewhere")
    return key
