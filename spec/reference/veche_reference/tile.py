"""Names and contents of tiles and entry bundles, as C2SP tlog-tiles has them."""

from __future__ import annotations

import re

from .breach import Breach

WIDTH = 256
LEVELS = 8

_NUMBER = r"(x[0-9]{3}/)*[0-9]{3}"
_WIDTH = r"(\.p/([1-9][0-9]{0,2}))?"
_NAME = re.compile(rf"tile/([0-7]|entries)/({_NUMBER}){_WIDTH}")


def number(n: int) -> str:
    """LOG-9: groups of three digits, all but the last behind an x."""
    digits = str(n)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    return "/".join([*("x" + group for group in groups[:-1]), groups[-1]])


def name(level: str, n: int, width: int) -> str:
    """LOG-9, LOG-10: the name of a tile, or of a bundle, whose level is `entries`."""
    return f"tile/{level}/{number(n)}" + ("" if width == WIDTH else f".p/{width}")


def parse(text: str) -> tuple[str, int, int] | None:
    """Level, number and width of which a text is the name, if it is one (LOG-9, LOG-10)."""
    match = _NAME.fullmatch(text)
    if not match:
        return None
    n = int(match[2].replace("x", "").replace("/", ""))
    if match[2] != number(n) or (match[5] is not None and int(match[5]) >= WIDTH):
        return None
    width = WIDTH if match[5] is None else int(match[5])
    span = 1 if match[1] == "entries" else WIDTH ** int(match[1])
    if (WIDTH * n + width) * span >= 2**64:
        return None
    return match[1], n, width


def widths(hashes: int) -> list[tuple[int, int]]:
    """LOG-9: number and width of each tile of a level that has so many hashes."""
    full = [(n, WIDTH) for n in range(hashes // WIDTH)]
    return full + ([(hashes // WIDTH, hashes % WIDTH)] if hashes % WIDTH else [])


def names(size: int) -> list[str]:
    """LOG-9, LOG-10: all tiles and bundles that a log of this size has."""
    hashes = {"entries": size} | {str(k): size // WIDTH**k for k in range(LEVELS)}
    return [name(level, *at) for level, many in hashes.items() for at in widths(many)]


def divide(bundle: bytes, count: int) -> list[bytes]:
    """LOG-10: the entries of a bundle, which holds exactly so many."""
    entries = []
    at = 0
    for _ in range(count):
        length = bundle[at : at + 2]
        at += 2
        entry = bundle[at : at + int.from_bytes(length, "big")]
        at += int.from_bytes(length, "big")
        if at > len(bundle):
            raise Breach("tile-malformed", "a bundle that ends early")
        entries.append(entry)
    if at != len(bundle):
        raise Breach("tile-malformed", "a bundle with more behind its entries")
    return entries
