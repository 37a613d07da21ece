"""Who may vote in a poll: the pins of its Begin or Open, and the voters that they give.

How a roll comes to have its voters is in `roll`.
"""

from __future__ import annotations

from typing import Callable, NamedTuple

from . import roll as rolls
from .breach import Breach
from .log import Log
from .register import Register
from .roll import Roll
from .shape import BeginEntry, Definition, OpenEntry, Pin


class Electorate(NamedTuple):
    """`districts` has the district of each voter by key; `eligible` how many each district has."""

    pins: tuple[Pin, ...]
    rolls: dict[str, Roll]
    districts: dict[bytes, str]
    eligible: dict[str, int]


def pinned(
    definition: Definition,
    body: BeginEntry | OpenEntry,
    register: Register,
    read_roll: Callable[[str], Log],
) -> Electorate:
    """The electorate that a pinning entry gives, after POLL-11 to POLL-14."""
    if tuple(pin.origin for pin in body.pins) != definition.rolls:
        raise Breach("roll-pin-mismatch", "other rolls")  # POLL-11
    folded: dict[str, Roll] = {}
    for pin in body.pins:
        log = read_roll(pin.origin)
        folded[pin.origin] = _check_pin(definition, pin, register, log, body.seen.register.size)
    known = {code for pin in body.pins for code in _codes(folded[pin.origin])}
    if not known.issuperset(definition.districts):
        raise Breach("roll-district", "a district of no roll")  # POLL-13
    voters = [
        (id_, voter.key, codes[voter.district])
        for roll in folded.values()
        for codes in [_codes(roll)]
        for id_, voter in roll.active()
        if _admits(definition, codes[voter.district])
    ]
    if len({id_ for id_, _, _ in voters}) < len(voters):
        raise Breach("voter-id-taken")  # POLL-14
    if len({key for _, key, _ in voters}) < len(voters):
        raise Breach("voter-key-taken")  # POLL-14
    eligible: dict[str, int] = {}
    for pin in body.pins:
        for code, number in pin.eligible:
            eligible[code] = eligible.get(code, 0) + number
    districts = {key: district for _, key, district in voters}
    return Electorate(body.pins, folded, districts, eligible)


def _check_pin(
    definition: Definition, pin: Pin, register: Register, log: Log, register_size: int
) -> Roll:
    announced = register.announcement(pin.origin, register_size)
    if announced is None or not log.raw or announced.first != log.tree.levels[0][0]:
        raise Breach("log-not-announced", pin.origin)  # POLL-11
    if pin.size < 1 or not log.has_root(pin.size, pin.root):
        raise Breach("roll-pin-mismatch", "its head")  # POLL-12
    roll = rolls.fold(log, register, register_size, pin.size)  # ROLL-9
    if roll.header is None:
        raise Breach("roll-pin-mismatch", "no header")  # POLL-12
    opens_at, closes_at, _ = definition.schedule
    if roll.header.since > opens_at or roll.header.until < closes_at:
        raise Breach("roll-life")  # POLL-12
    if pin.eligible != _eligible(definition, roll):
        raise Breach("roll-pin-mismatch", "its districts")  # POLL-13
    return roll


def _codes(roll: Roll) -> list[str]:
    return [district.code for district in roll.header.districts] if roll.header else []


def _admits(definition: Definition, code: str) -> bool:
    return not definition.districts or code in definition.districts  # ROLL-11


def _eligible(definition: Definition, roll: Roll) -> tuple[tuple[str, int], ...]:
    """POLL-13: what a pin of this roll has to list."""
    codes = _codes(roll)
    voters = dict.fromkeys((code for code in codes if _admits(definition, code)), 0)
    for _, voter in roll.active():
        if codes[voter.district] in voters:
            voters[codes[voter.district]] += 1
    return tuple(sorted(voters.items()))
