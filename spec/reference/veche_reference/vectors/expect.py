"""What every runner needs: an outcome beside the expected one, and the files in a vector."""

from __future__ import annotations

from base64 import b64decode
from typing import Any, Callable

from ..breach import Breach


class Differs(Exception):
    """An outcome is not the expected one."""


class BeyondAVerifier(Exception):
    """Only a server, which has logs to keep and a clock, can come to this outcome."""


def expect(what: str, found: Any, expected: Any) -> None:
    if found != expected:
        raise Differs(f"{what} is {found}, expected {expected}")


def code_of(attempt: Callable[[], Any]) -> str | None:
    """The code that refuses what is attempted, if one does."""
    try:
        attempt()
    except Breach as breach:
        return breach.code
    return None


def content(file: dict[str, str]) -> bytes:
    """A file that stands in a vector as text, or in base64 where it is not UTF-8."""
    return file["text"].encode() if "text" in file else b64decode(file["base64"])
