"""The counting rules: from the selections of one question to its votes and its selected options.

A count sees the rule, the costs and the ballots, and nothing else. Ballots are expected to have
passed BALLOT-8. The runs of equal shares stand in a module of their own.
"""

from __future__ import annotations

from typing import Callable, NamedTuple, Sequence

from .breach import Breach
from .equal_shares import ADD1U, Purse, completed
from .shape import Approval, EqualShares, Rule, SingleChoice

LARGEST_MONEY = 2**53 - 1
MOST_OPTIONS = 1024
LISTED_ORDER, LOWEST_COST, MOST_VOTES = 0, 1, 2


class Count(NamedTuple):
    votes: tuple[int, ...]
    selected: tuple[bool, ...]
    blank: int


def bounds(rule: Rule) -> tuple[int, int]:
    """The fewest and the most options that a ballot may name (BALLOT-8, COUNT-12)."""
    if isinstance(rule, SingleChoice):
        return (0 if rule.blank else 1), 1
    return rule.min, rule.max


def check_rule(rule: Rule, costs: Sequence[int]) -> None:
    """The checks of a definition, all of which are `definition-invalid`."""
    low, high = bounds(rule)
    valid = 1 <= len(costs) <= MOST_OPTIONS and sum(costs) <= LARGEST_MONEY  # COUNT-2
    valid &= 0 <= low <= high <= len(costs) and high >= 1  # COUNT-3
    valid &= len(set(rule.ties)) == len(rule.ties)  # COUNT-4
    valid &= LISTED_ORDER not in rule.ties[:-1]  # COUNT-4
    if isinstance(rule, Approval):
        valid &= 1 <= rule.winners <= len(costs)  # COUNT-13
    if isinstance(rule, EqualShares):
        valid &= 1 <= rule.budget <= LARGEST_MONEY and min(costs, default=1) >= 1  # COUNT-15
        valid &= rule.completion != 0 or rule.exhaustion == 0  # COUNT-15
    if not valid:
        raise Breach("definition-invalid")


def precedence(
    ties: Sequence[int], costs: Sequence[int], votes: Sequence[int]
) -> Callable[[int], tuple[int, ...]]:
    """COUNT-6 as a key to sort by: of two options, the one with the smaller key goes first."""
    criteria: dict[int, Callable[[int], int]] = {
        LISTED_ORDER: lambda option: option,
        LOWEST_COST: lambda option: costs[option],
        MOST_VOTES: lambda option: -votes[option],
    }
    chosen = [criteria[criterion] for criterion in (*ties, LISTED_ORDER)]
    return lambda option: tuple(criterion(option) for criterion in chosen)


def count(rule: Rule, costs: Sequence[int], ballots: Sequence[Sequence[int]]) -> Count:
    votes = [0] * len(costs)
    for ballot in ballots:
        for option in ballot:
            votes[option] += 1  # COUNT-7
    goes_first = precedence(rule.ties, costs, votes)
    supported = [option for option in range(len(costs)) if votes[option]]  # COUNT-8
    ranked = sorted(supported, key=lambda option: (-votes[option], goes_first(option)))
    if isinstance(rule, SingleChoice):
        chosen = set(ranked[:1])  # COUNT-11
    elif isinstance(rule, Approval):
        chosen = set(ranked[: rule.winners])  # COUNT-14
    else:
        chosen = _equal_shares(rule, costs, ballots, ranked, goes_first)
    return Count(
        tuple(votes),
        tuple(option in chosen for option in range(len(costs))),
        sum(not ballot for ballot in ballots),
    )


def _equal_shares(
    rule: EqualShares,
    costs: Sequence[int],
    ballots: Sequence[Sequence[int]],
    ranked: list[int],
    goes_first: Callable[[int], tuple[int, ...]],
) -> set[int]:
    if not ranked:
        return set()  # COUNT-8
    purse = Purse(costs, ballots, rule.budget, goes_first)
    chosen = completed(purse, ranked, rule.completion, rule.exhaustion)
    if rule.completion == ADD1U:  # COUNT-24
        left = rule.budget - sum(costs[option] for option in chosen)
        for option in ranked:
            if option not in chosen and costs[option] <= left:
                chosen.add(option)
                left -= costs[option]
    return chosen
