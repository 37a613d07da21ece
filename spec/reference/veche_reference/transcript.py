"""The transcript of a recount (A15): what two observers of the same files compare."""

from __future__ import annotations

from . import kind as kinds
from .cbor import encode
from .merkle import EMPTY_ROOT
from .poll import Poll
from .shape import Result


def write(poll: Poll, result: Result | None) -> bytes:
    """AUDIT-10."""
    log = poll.log
    ended = poll.index_of(kinds.CERTIFY, kinds.CANCEL)
    size = log.size if ended is None else ended + 1
    refused = sorted((poll.refused | poll.spoiled).items())
    return encode(
        [
            "veche/transcript/v1",
            poll.register.instance,
            poll.origin,
            [size, log.tree.root(size)],
            poll.last.seen.register if poll.last else (0, EMPTY_ROOT),
            [pin[:3] for pin in poll.electorate.pins] if poll.electorate else [],
            [[kind, standing.index] for kind, standing in poll.standing.items()],
            [[index, code] for index, code in refused if index < size],
            result,
        ]
    )
