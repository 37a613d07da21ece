"""The part of CBOR that entries are made of: unsigned integers, strings, arrays, booleans and null.

`Reader` reads item by item in the order of checks that ENTRY-8 gives, so that every input has one
first defect; `encode` writes the only encoding there is. Maps, tags, floats and negative numbers do
not exist.
"""

from __future__ import annotations

from typing import Any, Callable, TypeVar

from .breach import Breach

UINT, BYTES, TEXT, ARRAY, SIMPLE = 0, 2, 3, 4, 7
FALSE, TRUE, NULL = 20, 21, 22
LARGEST = 2**64 - 1

T = TypeVar("T")


class Reader:
    """A position in bytes. `mistyped` is the code for an item of another type, number or length."""

    def __init__(self, data: bytes, mistyped: str) -> None:
        self.data = data
        self.at = 0
        self.mistyped = mistyped

    def refuse(self, detail: str) -> Breach:
        return Breach(self.mistyped, f"{detail}, before byte {self.at}")

    def _head(self) -> tuple[int, int]:
        """Major type and argument of the next item, judged as far as these two go (ENTRY-8)."""
        if self.at >= len(self.data):
            raise Breach("entry-malformed", "the input ends where an item is due")  # ENTRY-2
        major, info = self.data[self.at] >> 5, self.data[self.at] & 31
        self.at += 1
        if major in (1, 5, 6):
            raise Breach("entry-malformed", f"major type {major}")  # ENTRY-2
        if info in (28, 29, 30):
            raise Breach("entry-malformed", f"additional information {info}")  # ENTRY-2
        if major == SIMPLE:
            if info not in (FALSE, TRUE, NULL):
                raise Breach("entry-malformed", f"simple value or float {info}")  # ENTRY-2
            return major, info
        if info == 31:
            if major == UINT:
                raise Breach("entry-malformed", "an integer of indefinite length")  # ENTRY-2
            raise Breach("entry-non-canonical", "an indefinite length")  # ENTRY-3
        if info < 24:
            return major, info
        width = 1 << (info - 24)
        argument = self.data[self.at : self.at + width]
        if len(argument) < width:
            raise Breach("entry-malformed", "the input ends within an argument")  # ENTRY-2
        self.at += width
        value = int.from_bytes(argument, "big")
        if value < (24 if width == 1 else 1 << (4 * width)):
            raise Breach("entry-non-canonical", "an argument that is too wide")  # ENTRY-3
        return major, value

    def _of(self, major: int) -> int:
        found, argument = self._head()
        if found != major:
            raise self.refuse(f"major type {found} where {major} is due")
        return argument

    def uint(self, low: int = 0, high: int = LARGEST) -> int:
        value = self._of(UINT)
        if not low <= value <= high:
            raise self.refuse(f"{value} is not {low} to {high}")
        return value

    def _string(self, major: int) -> bytes:
        length = self._of(major)
        string = self.data[self.at : self.at + length]
        if len(string) < length:
            raise Breach("entry-malformed", "the input ends within a string")  # ENTRY-2
        self.at += length
        return string

    def bytes(self, length: int | None = None) -> bytes:
        string = self._string(BYTES)
        if length is not None and len(string) != length:
            raise self.refuse(f"{len(string)} bytes where {length} are due")
        return string

    def text(self, low: int, high: int) -> str:
        string = self._string(TEXT)
        try:
            text = string.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Breach("entry-non-canonical", "text that is not UTF-8") from error  # ENTRY-3
        if not low <= len(string) <= high:
            raise self.refuse(f"a text of {len(string)} bytes, not {low} to {high}")
        return text

    def array(self, low: int, high: int = LARGEST) -> int:
        """The number of items of the array that begins here; the items are read next."""
        count = self._of(ARRAY)
        if not low <= count <= high:
            raise self.refuse(f"an array of {count} items, not {low} to {high}")
        return count

    def many(self, low: int, high: int, item: Callable[[], T]) -> tuple[T, ...]:
        return tuple(item() for _ in range(self.array(low, high)))

    def boolean(self) -> bool:
        value = self._of(SIMPLE)
        if value == NULL:
            raise self.refuse("null where true or false is due")
        return value == TRUE

    def optional(self, item: Callable[[], T]) -> T | None:
        """ENTRY-8: the one byte f6 is null, and anything else is read as the other type."""
        if self.data[self.at : self.at + 1] == b"\xf6":
            self.at += 1
            return None
        return item()

    def end(self) -> None:
        if self.at != len(self.data):
            raise Breach("entry-trailing-bytes", f"{len(self.data) - self.at} bytes")  # ENTRY-4


def _head_of(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes([major << 5 | argument])
    for info, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << (8 * width):
            return bytes([major << 5 | info]) + argument.to_bytes(width, "big")
    raise ValueError("an argument above 64 bits")


def encode(value: Any) -> bytes:
    """The deterministic encoding of nested sequences of int, bytes, str, bool and None."""
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head_of(UINT, value)
    if isinstance(value, bytes):
        return _head_of(BYTES, len(value)) + value
    if isinstance(value, str):
        data = value.encode("utf-8")
        return _head_of(TEXT, len(data)) + data
    return _head_of(ARRAY, len(value)) + b"".join(map(encode, value))
