"""Fields that payloads of several kinds have; every defect is judged as it is read (ENTRY-8)."""

from __future__ import annotations

from typing import Any, Callable, Sequence

from . import ed25519
from .breach import Breach
from .cbor import Reader
from .shape import Head, NamedKey, Officer, Seen


class FieldReader(Reader):
    """Reads parts of a payload; a defect of what it says is `entry-fields` (ENTRY-6)."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data, "entry-fields")

    def ordered(self, low: int, high: int, item: Callable[[], Any]) -> tuple[Any, ...]:
        """An array whose order is judged as each later item has been read (ENTRY-8)."""
        items: list[Any] = []
        for _ in range(self.array(low, high)):
            items.append(item())
            if len(items) > 1 and not items[-2] < items[-1]:
                raise self.refuse("items that are not ascending")
        return tuple(items)

    def label(self) -> str:
        return self.text(1, 1000)

    def code(self) -> str:
        return self.text(1, 64)

    def origin(self) -> str:
        return self.text(1, 255)

    def hash(self) -> bytes:
        return self.bytes(32)

    def details(self) -> bytes | None:
        return self.optional(self.hash)

    def appointed(self) -> bytes:
        """A key that is appointed here; ENTRY-9 is judged as soon as its bytes are read."""
        key = self.bytes(32)
        if ed25519.is_weak(key):
            raise Breach("key-weak", key.hex())
        return key

    def next_key(self, before: Sequence[Officer | NamedKey]) -> bytes:
        """The key of an item of a list that ascends by keys, judged before the item's rest."""
        key = self.appointed()
        if before and not before[-1].key < key:
            raise self.refuse("keys that are not ascending")
        return key

    def named_keys(self, low: int, high: int) -> tuple[NamedKey, ...]:
        named: list[NamedKey] = []
        for _ in range(self.array(low, high)):
            self.array(2, 2)
            named.append(NamedKey(self.next_key(named), self.label()))
        return tuple(named)

    def rsa_number(self) -> bytes:
        number = self.bytes()
        if not 256 <= len(number) <= 512:
            raise self.refuse(f"a number of {len(number)} bytes")
        return number

    def head(self) -> Head:
        self.array(2, 2)
        return Head(self.uint(), self.hash())

    def seen(self) -> Seen:
        self.array(2, 2)
        return Seen(self.head(), self.head())

    def point(self) -> bytes:
        return self.bytes(32)

    def trustee(self) -> int:
        return self.uint(1, 16)
