"""What a definition has to be before a poll can be held by it (POLL-8 to POLL-10)."""

from __future__ import annotations

from .breach import Breach
from .count import check_rule
from .shape import Definition, EqualShares
from .text import path_in

NAMED, ANONYMOUS = 0, 1
OPEN, SEALED = 0, 1


def check(definition: Definition, domain: str) -> None:
    for question in definition.questions:
        labels = [option.label for option in question.options]
        if len(set(labels)) < len(labels):
            raise Breach("definition-invalid", "a label twice")  # POLL-8
    for origin in definition.rolls:
        path = path_in(origin, domain)
        if path is None or not path.startswith("roll/"):
            raise Breach("definition-invalid", "an origin of no roll")  # POLL-8
    opens_at, closes_at, tolerance = definition.schedule
    numerator, denominator = definition.quorum
    if not (
        opens_at < closes_at
        and tolerance <= closes_at - opens_at
        and denominator >= 1
        and numerator <= denominator
        and 100 <= definition.interval <= 3_600_000
    ):
        raise Breach("definition-invalid", "times, quorum or interval")  # POLL-9
    if definition.secrecy not in (OPEN, SEALED):
        raise Breach("definition-invalid", "secret")  # POLL-10
    if (definition.issuance is not None) != (definition.identity == ANONYMOUS):
        raise Breach("definition-invalid", "issuers and identity")  # POLL-10
    threshold, trustees = definition.trustees
    if definition.secrecy == SEALED:
        fitting = 2 <= threshold <= len(trustees)
    else:
        fitting = threshold == 0 and not trustees
    if not fitting:
        raise Breach("definition-invalid", "trustees and secrecy")  # POLL-10
    for question in definition.questions:
        costs = [option.cost for option in question.options]
        check_rule(question.rule, costs)
        if not isinstance(question.rule, EqualShares) and any(costs):
            raise Breach("definition-invalid", "costs without a budget")  # POLL-10
