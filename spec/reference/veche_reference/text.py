"""Spellings that texts of the law share: decimals, base64, key names, domains, paths, origins."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata

_LABEL = r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?"
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]{0,178}[a-z0-9])?")
_PATH = re.compile(rf"register|(roll|poll)/{_LABEL}")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,19}")
# The property White_Space of Unicode; Python's str.isspace differs from it in U+001C to U+001F.
_WHITE = frozenset("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | frozenset(
    map(chr, range(0x2000, 0x200B))
)


def decimal(text: str) -> int | None:
    """A number as log.md spells it: ASCII digits, no sign, no leading zeros, at most 64 bits."""
    if not _DECIMAL.fullmatch(text) or int(text) >= 2**64:
        return None
    return int(text)


def strict_base64(text: str) -> bytes | None:
    """RFC 4648, section 4, in the one spelling that writing it back gives."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    return data if base64.b64encode(data).decode("ascii") == text else None


def strict_hash(text: str) -> bytes | None:
    """A hash as the formats of C2SP spell it."""
    data = strict_base64(text)
    return data if data is not None and len(data) == 32 else None


def is_key_name(text: str) -> bool:
    """LOG-3: 1 to 255 bytes without white space, control characters and plus signs."""
    if not 1 <= len(text.encode("utf-8")) <= 255:
        return False
    return not any(c == "+" or c in _WHITE or unicodedata.category(c) == "Cc" for c in text)


def is_domain(text: str) -> bool:
    return _DOMAIN.fullmatch(text) is not None  # LOG-2


def is_path(text: str) -> bool:
    return _PATH.fullmatch(text) is not None  # LOG-2


def path_in(origin: str, domain: str) -> str | None:
    """The path of an origin of this domain (LOG-2), if it is one."""
    prefix = domain + "/"
    if not origin.startswith(prefix) or not is_path(origin[len(prefix) :]):
        return None
    return origin[len(prefix) :]


def of_one_city(one: str, other: str) -> bool:
    """Whether two names are origins of logs of one domain (LOG-2)."""
    domain = one.partition("/")[0]
    return is_domain(domain) and None not in (path_in(one, domain), path_in(other, domain))


def visible(text: str) -> str:
    """AUDIT-9: control characters of a log's texts are shown, never sent to a terminal."""
    return "".join(
        c if unicodedata.category(c)[0] != "C" else f"\\u{{{ord(c):x}}}" for c in text
    )
