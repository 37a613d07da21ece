"""The payloads of the register and of rolls: who the city is, and who may vote."""

from __future__ import annotations

from . import kind as kinds
from .fields import FieldReader
from .shape import (
    AnchoredHead, AnchorsEntry, Commission, CommissionEntry, District, EnrolEntry, Enrolment,
    GenesisEntry, LogEntry, Officer, OfficersEntry, Revocation, RevokeEntry, RollEntry,
)
from .text import is_domain


class CityReader(FieldReader):
    # The register.

    def genesis(self) -> GenesisEntry:
        domain = self.text(1, 180)
        if not is_domain(domain):
            raise self.refuse("a domain that is none")
        city = self.label()
        log_key = self.appointed()
        commission = self.commission()
        if log_key in commission.keys:
            raise self.refuse("the log key is in the commission")
        officers = self.officer_list()
        if any(officer.key == log_key for officer in officers):
            raise self.refuse("the log key is an officer's")
        return GenesisEntry(domain, city, log_key, commission, officers)

    def commission(self) -> Commission:
        self.array(2, 2)
        threshold = self.uint(1, 32)
        keys = self.ordered(1, 32, self.appointed)
        if threshold > len(keys):
            raise self.refuse("a threshold above the number of keys")
        return Commission(threshold, keys)

    def officer_list(self) -> tuple[Officer, ...]:
        officers: list[Officer] = []
        for _ in range(self.array(1, 256)):
            self.array(3, 3)
            key, label = self.next_key(officers), self.label()
            roles = self.ordered(1, 4, lambda: self.uint(kinds.REGISTRAR, kinds.MODERATOR))
            officers.append(Officer(key, label, roles))
        return tuple(officers)

    def officers(self) -> OfficersEntry:
        return OfficersEntry(self.officer_list())

    def new_commission(self) -> CommissionEntry:
        return CommissionEntry(self.commission())

    def log(self) -> LogEntry:
        return LogEntry(self.origin(), self.hash())

    def anchors(self) -> AnchorsEntry:
        heads = self.many(0, 218, self.anchored_head)
        return AnchorsEntry(heads, self.optional(self.bytes))

    def anchored_head(self) -> AnchoredHead:
        self.array(3, 3)
        return AnchoredHead(self.origin(), self.uint(), self.hash())

    # Rolls.

    def roll(self) -> RollEntry:
        title = self.label()
        districts = self.many(1, 1024, self.district)
        return RollEntry(title, districts, self.uint(), self.uint())

    def district(self) -> District:
        self.array(2, 2)
        return District(self.code(), self.label())

    def enrol(self) -> EnrolEntry:
        return EnrolEntry(self.many(1, 256, self.enrolment))

    def enrolment(self) -> Enrolment:
        self.array(6, 6)
        return Enrolment(
            self.voter(), self.bytes(32), self.uint(), self.bytes(64), self.hash(),
            self.optional(self.voter),
        )

    def voter(self) -> bytes:
        return self.bytes(16)

    def revoke(self) -> RevokeEntry:
        return RevokeEntry(self.many(1, 1024, self.revocation))

    def revocation(self) -> Revocation:
        self.array(2, 2)
        return Revocation(self.voter(), self.uint(0, 1))
