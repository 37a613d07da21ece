"""The reading of payloads: every field in the order of ENTRY-8, judged as it is read.

What comes out are the classes of `shape`. Whether an entry stands is judged by the folds.
"""

from __future__ import annotations

from typing import Any, Callable

from . import kind as kinds
from .breach import Breach
from .city_payload import CityReader
from .poll_payload import PollReader

VERSION = 1


class PayloadReader(CityReader, PollReader):
    """Reads one payload, of whatever kind."""

    def decode(self, admitted: tuple[int, ...]) -> tuple[int, Any]:
        count = self.array(2)
        kind, version = self.uint(), self.uint()
        if kind not in admitted or version != VERSION:
            raise Breach("entry-unknown-kind", f"kind {kind}, version {version}")  # ENTRY-5
        items, body = _BODIES[kind]
        if count not in items:
            raise self.refuse(f"{count} items in an entry of kind {kind}")
        self.items = count
        decoded = body(self)
        self.end()
        return kind, decoded


# Numbers of items that the payload of each kind may have, and what reads those after kind and
# version.
_BODIES: dict[int, tuple[tuple[int, ...], Callable[[PayloadReader], Any]]] = {
    kinds.GENESIS: ((7,), PayloadReader.genesis),
    kinds.OFFICERS: ((3,), PayloadReader.officers),
    kinds.COMMISSION: ((3,), PayloadReader.new_commission),
    kinds.LOG: ((4,), PayloadReader.log),
    kinds.ANCHORS: ((4,), PayloadReader.anchors),
    kinds.ROLL: ((6,), PayloadReader.roll),
    kinds.ENROL: ((3,), PayloadReader.enrol),
    kinds.REVOKE: ((3,), PayloadReader.revoke),
    kinds.ANNOUNCE: ((4,), PayloadReader.announce),
    kinds.BEGIN: ((4,), PayloadReader.begin),
    kinds.OPEN: ((4,), PayloadReader.open),
    kinds.BALLOT: ((4, 5), PayloadReader.ballot),
    kinds.CLOSE: ((3,), PayloadReader.close),
    kinds.CERTIFY: ((4,), PayloadReader.certify),
    kinds.CANCEL: ((4,), PayloadReader.cancel),
    kinds.ISSUER_KEYS: ((3,), PayloadReader.issuer_keys),
    kinds.REQUEST: ((3,), PayloadReader.request),
    kinds.ISSUED: ((3,), PayloadReader.issued),
    kinds.JOIN: ((5,), PayloadReader.join),
    kinds.DEAL: ((6,), PayloadReader.deal),
    kinds.COMPLAINT: ((6,), PayloadReader.complaint),
    kinds.READY: ((5,), PayloadReader.ready),
    kinds.EXCLUDE: ((5,), PayloadReader.exclude),
    kinds.SHARE: ((4,), PayloadReader.share),
}
