"""Where public files come from: a directory, an archive, or a server. Nothing of it is trusted.

A file that a source does not have is None; a source that cannot be read at all is `Unreadable`.
"""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Protocol

from . import tile
from .text import is_path

BLOCK = 512
LONGEST_FILE = 256 * (2 + 65_535)


class Unreadable(Exception):
    """The source could not be read (AUDIT-11, 3): no finding about the poll."""


class Source(Protocol):
    def get(self, name: str) -> bytes | None: ...


class Directory:
    def __init__(self, base: Path) -> None:
        self.base = base

    def get(self, name: str) -> bytes | None:
        try:
            return (self.base / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise Unreadable(str(error)) from error


class Web:
    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")

    def get(self, name: str) -> bytes | None:
        try:
            with urllib.request.urlopen(f"{self.base}/{name}", timeout=60) as answer:
                data: bytes = answer.read(LONGEST_FILE + 1)
                return data
        except urllib.error.HTTPError as error:
            if error.code == 404:  # API-1
                return None
            raise Unreadable(f"{name}: {error}") from error
        except OSError as error:
            raise Unreadable(f"{name}: {error}") from error


class Archive:
    """LOG-16: a plain ustar file. Order, mode, owner and time of its members do not matter."""

    def __init__(self, data: bytes) -> None:
        self.members: dict[str, bytes] = {}
        at = 0
        while at < len(data):
            header = data[at : at + BLOCK]
            if header == bytes(BLOCK):
                break
            name, size = _member(header)
            if name in self.members:
                raise Unreadable(f"the archive has {name} twice")
            at += BLOCK
            if at + size > len(data):
                raise Unreadable(f"the archive ends within {name}")
            self.members[name] = data[at : at + size]
            at += -(-size // BLOCK) * BLOCK

    def get(self, name: str) -> bytes | None:
        return self.members.get(name)


def _member(header: bytes) -> tuple[str, int]:
    """Name and size of a member that LOG-16 admits."""
    if len(header) < BLOCK or header[257:265] != b"ustar\x0000":
        raise Unreadable("this is no ustar archive")
    blank = header[:148] + b" " * 8 + header[156:]
    if _octal(header[148:156]) != sum(blank):
        raise Unreadable("a header of the archive has a wrong sum")
    if header[156:157] not in (b"0", b"\x00"):
        raise Unreadable("the archive has a member that is no regular file")
    prefix, name = header[345:500].split(b"\x00")[0], header[:100].split(b"\x00")[0]
    full = (prefix + b"/" + name if prefix else name).decode("latin-1")
    path = re.fullmatch(r"(register|[a-z]+/[^/]+)/(.+)", full)
    if not path or not is_path(path[1]) or not (path[2] == "checkpoint" or tile.parse(path[2])):
        raise Unreadable(f"the archive has a file that is none of a log's: {full!r}")
    return full, _octal(header[124:136])


def _octal(field: bytes) -> int:
    digits = field.strip(b" \x00")
    if not re.fullmatch(rb"[0-7]+", digits):
        raise Unreadable("a number of the archive is not octal")
    return int(digits, 8)


def open_source(where: str) -> Source:
    if where.startswith(("http://", "https://")):
        return Web(where)
    path = Path(where)
    try:
        return Directory(path) if path.is_dir() else Archive(path.read_bytes())
    except OSError as error:
        raise Unreadable(str(error)) from error
