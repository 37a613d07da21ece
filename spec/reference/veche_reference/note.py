"""Signed notes and verifier keys of C2SP, and the checkpoints that are written in them.

What a head is worth beyond its signatures (witnesses, policies, other heads) is judged elsewhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Iterable, NamedTuple

from . import ed25519, ml_dsa
from .breach import Breach
from .text import decimal, is_key_name, strict_base64

ED25519, COSIGNATURE, ML_DSA_44 = 1, 4, 6
KEY_LENGTH = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: ml_dsa.KEY_LENGTH}
LONGEST_NOTE = 131_072
LATEST = 2**63 - 1


def key_id(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]  # LOG-3


@dataclass(frozen=True)
class VerifierKey:
    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        return key_id(self.name, self.kind, self.public)

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """LOG-3."""
        parts = text.split("+", 2)
        if len(parts) != 3 or not is_key_name(parts[0]):
            raise Breach("note-malformed", "a verifier key is <name>+<id>+<base64>")
        name, identity, encoded = parts
        data = strict_base64(encoded)
        if not data or len(data) != 1 + KEY_LENGTH.get(data[0], -1):
            raise Breach("note-malformed", "a verifier key of unknown type or wrong length")
        key = cls(name, data[0], data[1:])
        if identity != key.id.hex():
            raise Breach("note-malformed", "the id of the verifier key is another")
        if key.kind != ML_DSA_44 and ed25519.is_weak(key.public):
            raise Breach("key-weak", "a verifier key")  # LOG-3, ENTRY-9
        return key


class SignatureLine(NamedTuple):
    name: str
    id: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    text: str
    lines: tuple[SignatureLine, ...]

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """LOG-4."""
        if len(data) > LONGEST_NOTE:
            raise Breach("note-malformed", "too long")
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Breach("note-malformed", "not UTF-8") from error
        border = whole.rfind("\n\n")
        if border < 0:
            raise Breach("note-malformed", "no empty line")
        text, signed = whole[: border + 1], whole[border + 2 :]
        if any(c < " " and c != "\n" for c in text):
            raise Breach("note-malformed", "a control character in the text")
        if not signed.endswith("\n"):
            raise Breach("note-malformed", "the last line has no end")
        rows = signed[:-1].split("\n")
        if len(rows) > 100:
            raise Breach("note-malformed", "too many signatures")
        return cls(text, tuple(map(cls._line, rows)))

    @staticmethod
    def _line(row: str) -> SignatureLine:
        words = row.split(" ")
        if len(words) != 3 or words[0] != "\u2014" or not is_key_name(words[1]):
            raise Breach("note-malformed", "a line that is no signature")
        data = strict_base64(words[2])
        if data is None or len(data) < 5:
            raise Breach("note-malformed", "a signature that is no base64, or too short")
        return SignatureLine(words[1], data[:4], data[4:])

    def signers(self, known: Iterable[VerifierKey]) -> Signers:
        """LOG-5: the known keys that signed, each with the times of its lines (LOG-13)."""
        found: Signers = {}
        for key in known:
            for line in self.lines:
                if (key.name, key.id) != (line.name, line.id):
                    continue
                times = found.setdefault(key, [])
                if key.kind != ED25519:
                    times.append(self._time(key, line.signature))
                elif not _signed(key, self.text.encode(), line.signature):
                    raise Breach("note-signature-invalid", f"by {key.name}")
        return found

    def _time(self, key: VerifierKey, signature: bytes) -> int | None:
        """LOG-13: the time of a cosignature, which is None where it has none."""
        time = int.from_bytes(signature[:8], "big")
        if key.kind == COSIGNATURE:
            message = f"cosignature/v1\ntime {time}\n{self.text}".encode()
        else:
            message = self._tree_message(key, time)
        if len(signature) < 8 or time > LATEST or not _signed(key, message, signature[8:]):
            raise Breach("note-signature-invalid", f"by {key.name}")
        return None if key.kind == ML_DSA_44 and time == 0 else time

    def _tree_message(self, key: VerifierKey, time: int) -> bytes:
        """LOG-17: what is signed is what the text says, so it has to be that of a checkpoint."""
        try:
            head = Head.parse(self.text)
        except Breach as breach:
            raise Breach("note-signature-invalid", f"no checkpoint: {breach.detail}") from breach
        name, origin = key.name.encode(), head.origin.encode()
        return b"".join([
            b"subtree/v1\n\0",
            bytes([len(name)]), name,
            time.to_bytes(8, "big"),
            bytes([len(origin)]), origin,
            bytes(8),
            head.size.to_bytes(8, "big"),
            head.root,
        ])


Signers = dict[VerifierKey, list[int | None]]


def _signed(key: VerifierKey, message: bytes, signature: bytes) -> bool:
    if key.kind == ML_DSA_44:
        return ml_dsa.verify(key.public, message, signature)
    return len(signature) == 64 and ed25519.verify(
        ed25519.Signature(key.public, signature, message)
    )


class Head(NamedTuple):
    """What the text of a checkpoint says."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Head:
        """The form that LOG-6 asks for."""
        rows = text.split("\n")
        if len(rows) != 4 or not is_key_name(rows[0]):
            raise Breach("checkpoint-malformed", "not three lines with an origin")
        size, root = decimal(rows[1]), strict_base64(rows[2])
        if size is None or root is None or len(root) != 32:
            raise Breach("checkpoint-malformed", "its size or root")
        return cls(rows[0], size, root)


@dataclass(frozen=True)
class Checkpoint:
    """A head as it was handed out. It is a signed head only if `signed_by` lets it pass."""

    note: Note
    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, data: bytes) -> Checkpoint:
        """LOG-4, then LOG-6."""
        note = Note.parse(data)
        return cls(note, *Head.parse(note.text))

    def signed_by(
        self, origin: str, log_key: bytes, others: Iterable[VerifierKey] = ()
    ) -> Signers:
        """LOG-6: of this log and signed by its key; the answer is every known key that signed."""
        if self.origin != origin:
            raise Breach("checkpoint-origin", f"{self.origin} in place of {origin}")
        key = VerifierKey(origin, ED25519, log_key)
        signers = self.note.signers([key, *others])
        if key not in signers:
            raise Breach("note-unsigned", f"not by {origin}")
        return signers
