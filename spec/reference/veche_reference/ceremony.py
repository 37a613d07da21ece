"""The trustees' ceremony as a fold: who has joined, dealt and is ready, who is out, and the shares.

Phases, officers and signatures are judged by the poll; what points and proofs have to satisfy, by
`dealing`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Sequence

from . import dealing, ristretto
from .breach import Breach
from .cbor import encode
from .curve import BASE, Point, add, multiply
from .dealing import Transport
from .shape import (
    ComplaintEntry, DealEntry, ExcludeEntry, JoinEntry, ReadyEntry, ShareEntry, Trustees,
)

JOINING, DEALING, CONFIRMING, COMPLETE, FAILED = (
    "joining", "dealing", "confirming", "complete", "failed",
)


@dataclass
class Joined:
    leaf: bytes
    transport: Transport
    commitment_hash: bytes


@dataclass
class Dealt:
    leaf: bytes
    commitments: list[Point]
    shares: dict[int, bytes]


@dataclass
class Ceremony:
    """`participants` are places among the definition's trustees, from 1 on."""

    trustees: Trustees
    announce: bytes
    participants: list[int] = field(default_factory=list)
    number: int = 1
    joined: dict[int, Joined] = field(default_factory=dict)
    dealt: dict[int, Dealt] = field(default_factory=dict)
    ready: dict[int, int] = field(default_factory=dict)
    shares: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.participants = list(range(1, len(self.trustees.named) + 1))

    @property
    def stage(self) -> str:
        if len(self.participants) < self.trustees.threshold:
            return FAILED
        for stage, posted in (
            (JOINING, self.joined), (DEALING, self.dealt), (CONFIRMING, self.ready),
        ):
            if len(posted) < len(self.participants):
                return stage
        return COMPLETE

    @property
    def last_ready(self) -> int:
        """The index of the last ready of a ceremony that is complete."""
        return max(self.ready.values())

    @property
    def can_open(self) -> bool:
        return len(self.shares) >= self.trustees.threshold

    def trustee(self, signers: tuple[bytes, ...]) -> int:
        """CEREMONY-1: the one participant that signed."""
        keys = [trustee.key for trustee in self.trustees.named]
        if len(signers) == 1 and signers[0] in keys:
            trustee = keys.index(signers[0]) + 1
            if trustee in self.participants:
                return trustee
        raise Breach("trustee-unknown")

    def check_number(self, number: int) -> None:
        if number != self.number:
            raise Breach("ceremony-number", f"{number} while {self.number} is held")

    def _check_stage(self, stage: str, repeated: bool = False) -> None:
        if self.stage != stage or repeated:
            raise Breach("ceremony-stage", self.stage)

    def _next(self, guilty: Sequence[int]) -> None:
        """CEREMONY-7, CEREMONY-10: nothing of the one before is used again."""
        self.participants = [i for i in self.participants if i not in guilty]
        self.number += 1
        self.joined, self.dealt, self.ready = {}, {}, {}

    # What trustees post, after CEREMONY-1.

    def join(self, trustee: int, leaf: bytes, body: JoinEntry) -> None:
        """CEREMONY-2."""
        self._check_stage(JOINING, trustee in self.joined)
        point = ristretto.decode(body.transport_key)
        others = [joined.transport.data for joined in self.joined.values()]
        if point is None or ristretto.is_identity(point) or body.transport_key in others:
            raise Breach("transport-key-weak")
        transport = Transport(point, body.transport_key)
        self.joined[trustee] = Joined(leaf, transport, body.commitment_hash)

    def deal(self, trustee: int, leaf: bytes, body: DealEntry) -> None:
        """CEREMONY-3."""
        self._check_stage(DEALING, trustee in self.dealt)
        committed = dealing.commitment_hash(
            self.announce, self.number, trustee, body.commitments, body.proof
        )
        if committed != self.joined[trustee].commitment_hash:
            raise Breach("dealing-mismatch")
        decoded = map(ristretto.decode, body.commitments)
        points = [point for point in decoded if point is not None]
        others = [i for i in self.participants if i != trustee]
        if (
            len(body.commitments) != self.trustees.threshold
            or len(points) != len(body.commitments)
            or ristretto.is_identity(points[0])
            or not dealing.knows(trustee, body.proof, body.commitments[0], points[0])
            or [recipient for recipient, _ in body.shares] != others
        ):
            raise Breach("dealing-invalid")
        dealt = self.dealt | {trustee: Dealt(leaf, points, dict(body.shares))}
        if len(dealt) == len(self.participants) and ristretto.is_identity(_summed(dealt)[0]):
            raise Breach("dealing-invalid", "the election key would be the identity")
        self.dealt = dealt

    def complain(self, trustee: int, body: ComplaintEntry) -> None:
        """CEREMONY-6, CEREMONY-7."""
        self._check_stage(CONFIRMING)
        if body.dealer == trustee or body.dealer not in self.participants:
            raise Breach("complaint-invalid", "its dealer")
        dealer = (body.dealer, self.joined[body.dealer].transport)
        signer = (trustee, self.joined[trustee].transport)
        context = self.announce, self.number, dealer, signer, body.point
        if not dealing.proves_shared_point(*context, body.proof):
            raise Breach("complaint-invalid", "its proof")
        dealt = self.dealt[body.dealer]
        is_false = dealing.right_share(*context, dealt.shares[trustee], dealt.commitments)
        self._next([trustee if is_false else body.dealer])

    def confirm(self, trustee: int, index: int, body: ReadyEntry) -> None:
        """CEREMONY-9."""
        self._check_stage(CONFIRMING, trustee in self.ready)
        posted = [
            [i, self.joined[i].leaf, self.dealt[i].leaf] for i in self.participants
        ]
        data = encode(["veche/ceremony/v1", self.announce, self.number, posted])
        transcript = hashlib.sha256(data).digest()
        if body.election_key != self.election_key() or body.transcript != transcript:
            raise Breach("ready-mismatch")
        self.ready[trustee] = index

    def exclude(self, body: ExcludeEntry) -> None:
        """CEREMONY-10, after the officers."""
        self.check_number(body.ceremony)
        awaited = {JOINING: self.joined, DEALING: self.dealt, CONFIRMING: self.ready}
        if self.stage not in awaited:
            raise Breach("ceremony-stage", self.stage)
        posted = awaited[self.stage]
        if any(i not in self.participants or i in posted for i in body.trustees):
            raise Breach("trustee-not-silent")
        self._next(body.trustees)

    def share(self, trustee: int, body: ShareEntry) -> None:
        """CEREMONY-12, after what its trustee has seen."""
        if trustee in self.shares:
            raise Breach("share-repeated")
        secret = ristretto.scalar(body.scalar)
        if secret is None or not ristretto.equal(
            multiply(secret, BASE), dealing.at(_summed(self.dealt), trustee)
        ):
            raise Breach("share-invalid")
        self.shares[trustee] = secret

    # What comes of it.

    def election_key(self) -> bytes:
        """CEREMONY-8, of a ceremony in which all have dealt."""
        return ristretto.encode(_summed(self.dealt)[0])

    def decryption_key(self) -> int:
        """CEREMONY-13, when enough shares stand."""
        return dealing.combined(self.shares)


def _summed(dealt: dict[int, Dealt]) -> list[Point]:
    """CEREMONY-8: the sums over the dealers of their commitments, by the power they belong to."""
    totals: list[Point] = []
    for one in dealt.values():
        totals = list(map(add, totals, one.commitments)) if totals else one.commitments
    return totals
