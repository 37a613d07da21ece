"""The Method of Equal Shares: one run with an increment, and which run gives the result.

All money is exact (COUNT-9). During a run every amount is an integer in units of 1/`scale`, and
the scale grows with the purchases; fractions are compared by cross-multiplication. What add1u adds
to the outcome is not here.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from functools import total_ordering
from math import gcd
from typing import Callable, Sequence

NONE, ADD1, ADD1U = 0, 1, 2


@total_ordering
@dataclass(frozen=True, eq=False)
class Rate:
    """share / cost of an option as a fraction that is not reduced (COUNT-18)."""

    top: int
    bottom: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rate) and self.top * other.bottom == other.top * self.bottom

    def __lt__(self, other: Rate) -> bool:
        return self.top * other.bottom < other.top * self.bottom


@dataclass(frozen=True)
class Offer:
    """What an option costs its supporters: the share is due / payers, in units of 1/scale."""

    rate: Rate
    option: int
    due: int
    payers: int


class Purse:
    """The ballots of one question with the money they have in a run."""

    def __init__(
        self,
        costs: Sequence[int],
        ballots: Sequence[Sequence[int]],
        budget: int,
        goes_first: Callable[[int], tuple[int, ...]],
    ) -> None:
        self.costs = costs
        self.budget = budget
        self.goes_first = goes_first
        self.voters = len(ballots)
        self.supporters: list[list[int]] = [[] for _ in costs]
        for voter, ballot in enumerate(ballots):
            for option in ballot:
                self.supporters[option].append(voter)
        self.supported = [option for option, ballots_ in enumerate(self.supporters) if ballots_]
        self.scale = 1
        self.left: list[int] = []

    def cost(self, options: set[int]) -> int:
        return sum(self.costs[option] for option in options)

    def run(self, increment: int, limit: int | None = None) -> set[int] | None:
        """The outcome of a run (COUNT-17), or None once it costs more than `limit`."""
        self.scale = self.voters  # COUNT-16: blank ballots are among them
        self.left = [self.budget + increment * self.voters] * self.voters
        # Rates never fall during a run, and what is not affordable never becomes so. So the heap
        # holds lower bounds, and an option is looked at again only when its bound is the smallest.
        bounds: list[tuple[Rate, int]] = [
            (Rate(1, len(self.supporters[option])), option) for option in self.supported
        ]
        heapq.heapify(bounds)
        bought: set[int] = set()
        spent = 0
        while (offer := self._cheapest(bounds)) is not None:
            bought.add(offer.option)
            spent += self.costs[offer.option]
            if limit is not None and spent > limit:
                return None
            self._pay(offer)
        return bought

    def _cheapest(self, bounds: list[tuple[Rate, int]]) -> Offer | None:
        """COUNT-19: takes the option to buy out of `bounds`, and improves the others."""
        best: Offer | None = None
        looked_at: list[Offer] = []
        while bounds and (best is None or bounds[0][0] <= best.rate):
            offer = self._offer(heapq.heappop(bounds)[1])
            if offer is None:
                continue
            looked_at.append(offer)
            if (
                best is None
                or offer.rate < best.rate
                or (
                    offer.rate == best.rate
                    and self.goes_first(offer.option) < self.goes_first(best.option)
                )
            ):
                best = offer
        for offer in looked_at:
            if offer is not best:
                heapq.heappush(bounds, (offer.rate, offer.option))
        return best

    def _offer(self, option: int) -> Offer | None:
        """COUNT-18."""
        left = self.left
        purses = sorted(filter(None, [left[voter] for voter in self.supporters[option]]))
        due = self.costs[option] * self.scale
        if sum(purses) < due:
            return None
        payers = len(purses)
        for purse in purses:
            if due <= purse * payers:
                break
            due -= purse
            payers -= 1
        return Offer(Rate(due, payers * self.scale * self.costs[option]), option, due, payers)

    def _pay(self, offer: Offer) -> None:
        """COUNT-20. The scale grows by what the share cannot be divided by."""
        divisor = gcd(offer.due, offer.payers)
        share, growth = offer.due // divisor, offer.payers // divisor
        if growth != 1:
            self.scale *= growth
            self.left = [purse * growth for purse in self.left]
        left = self.left
        for voter in self.supporters[offer.option]:
            left[voter] = left[voter] - share if left[voter] > share else 0


def completed(purse: Purse, supported: Sequence[int], completion: int, exhaustion: int) -> set[int]:
    """COUNT-21 and COUNT-22: the outcome of the run that counts, before the filling of add1u."""
    outcome = purse.run(0)
    assert outcome is not None
    if completion == NONE:
        return outcome
    increment = 0
    while not outcome.issuperset(supported):
        if exhaustion and _exhaustive(purse, outcome):
            break
        further = purse.run(increment + 1, purse.budget)
        if further is None:
            break
        outcome = further
        increment += 1
    return outcome


def _exhaustive(purse: Purse, outcome: set[int]) -> bool:
    """COUNT-23."""
    left = purse.budget - purse.cost(outcome)
    return all(purse.costs[option] > left for option in purse.supported if option not in outcome)
