"""Whether the totals of a poll descend as they must (A13): voters, credentials, ballots, votes."""

from __future__ import annotations

from collections import Counter
from typing import Sequence

from .issuing import Turnout
from .poll import Poll
from .shape import Result


def descend(poll: Poll) -> bool:
    """AUDIT-8, in the recount; as long as no ballot can be opened, all that stand are effective."""
    if poll.electorate is None or poll.box is None:
        return True
    eligible, voted = poll.electorate.eligible, poll.box.voted()
    effective = Counter(cast.district for cast in poll.box.effective)
    return (
        all(number >= voted[code] >= effective[code] for code, number in eligible.items())
        and sum(eligible.values()) >= voted.total() >= effective.total()
        and poll.box.accepted >= effective.total()
    )


def add_up(published: Result) -> bool:
    """AUDIT-8, in the published result."""
    totals, lines = published.totals, published.totals.districts
    return (
        all(line.eligible >= line.effective for line in lines)
        and totals.eligible >= totals.effective
        and sum(line.eligible for line in lines) == totals.eligible
        and sum(line.effective for line in lines) == totals.effective
    )


def turnout(poll: Poll) -> list[Turnout] | None:
    """AUDIT-13; None in a poll that is not anonymous, or has not begun."""
    if poll.scheme is None or poll.issuing is None or poll.electorate is None:
        return None
    spent = poll.box.voted() if poll.box else Counter()
    return poll.issuing.turnout(poll.electorate.eligible, spent)


def credential_codes(lines: Sequence[Turnout], confirmed: Counter[str]) -> list[str]:
    """AUDIT-13 and AUDIT-14: what the turnout shows, with the confirmed claims of each district."""
    codes = []
    if any(line.spent > line.issued for line in lines):
        codes.append("over-issued")
    claimed = [line for line in lines if confirmed[line.district]]
    if any(line.spent + confirmed[line.district] > line.issued for line in claimed):
        codes.append("ghost-credentials")
    return codes
