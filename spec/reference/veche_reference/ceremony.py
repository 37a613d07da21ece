"""The trustees' ceremony as a fold: who has joined, dealt and is ready, who is out, and the shares.

Phases, officers and signatures are judged by the poll; what points and proofs have to satisfy, by
`dealing`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Sequence

from . import dealing, ristretto
from .breach import Breach
from .curve import Point
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
    """`participants` are places among the definition's trustees, from 1 on.

    `excluded` says of those who are participants no more why, and in which ceremony.
    """

    trustees: Trustees
    announce: bytes
    participants: list[int] = field(default_factory=list)
    number: int = 1
    joined: dict[int, Joined] = field(default_factory=dict)
    dealt: dict[int, Dealt] = field(default_factory=dict)
    ready: dict[int, int] = field(default_factory=dict)
    shares: dict[int, int] = field(default_factory=dict)
    excluded: dict[int, str] = field(default_factory=dict)

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

    def _next(self, guilty: Sequence[int], reason: str) -> None:
        """CEREMONY-7, CEREMONY-10: nothing of the one before is used again."""
        self.excluded.update(dict.fromkeys(guilty, f"{reason} in ceremony {self.number}"))
        self.participants = [i for i in self.participants if i not in guilty]
        self.number += 1
        self.joined, self.dealt, self.ready = {}, {}, {}

    # What trustees post, after CEREMONY-1.

    def join(self, trustee: int, leaf: bytes, body: JoinEntry) -> None:
        """CEREMONY-2."""
        self._check_stage(JOINING, trustee in self.joined)
        transport = Transport.parse(body.transport_key)
        if transport in [joined.transport for joined in self.joined.values()]:
            raise Breach("transport-key-weak", "that of another")
        self.joined[trustee] = Joined(leaf, transport, body.commitment_hash)

    def deal(self, trustee: int, leaf: bytes, body: DealEntry) -> None:
        """CEREMONY-3."""
        self._check_stage(DEALING, trustee in self.dealt)
        committed = dealing.commitment_hash(
            self.announce, self.number, trustee, body.commitments, body.proof
        )
        if committed != self.joined[trustee].commitment_hash:
            raise Breach("dealing-mismatch")
        points = dealing.check(self.trustees.threshold, trustee, body.commitments, body.proof)
        if [recipient for recipient, _ in body.shares] != [
            i for i in self.participants if i != trustee
        ]:
            raise Breach("dealing-invalid", "its recipients")
        self.dealt[trustee] = Dealt(leaf, points, dict(body.shares))
        if self.stage == CONFIRMING and ristretto.is_identity(self._summed()[0]):
            del self.dealt[trustee]
            raise Breach("dealing-invalid", "the election key would be the identity")

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
        share = dealing.right_share(*context, dealt.shares[trustee], dealt.commitments)
        if share is None:
            self._next([body.dealer], "dealt a wrong share")
        else:
            self._next([trustee], "complained falsely")

    def confirm(self, trustee: int, index: int, body: ReadyEntry) -> None:
        """CEREMONY-9."""
        self._check_stage(CONFIRMING, trustee in self.ready)
        posted = [(i, self.joined[i].leaf, self.dealt[i].leaf) for i in self.participants]
        transcript = dealing.transcript(self.announce, self.number, posted)
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
        self._next(body.trustees, f"silent while {self.stage}")

    def share(self, trustee: int, body: ShareEntry) -> None:
        """CEREMONY-12, after what its trustee has seen."""
        if trustee in self.shares:
            raise Breach("share-repeated")
        secret = dealing.true_share(body.scalar, trustee, self._summed())
        if secret is None:
            raise Breach("share-invalid")
        self.shares[trustee] = secret

    # What comes of it.

    def _summed(self) -> list[Point]:
        return dealing.summed(dealt.commitments for dealt in self.dealt.values())

    def election_key(self) -> bytes:
        """CEREMONY-8, of a ceremony in which all have dealt."""
        return ristretto.encode(self._summed()[0])

    def decryption_key(self) -> int:
        """CEREMONY-13, when enough shares stand."""
        return dealing.combined(self.shares)
