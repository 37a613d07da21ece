"""The result of a poll, from its effective ballots and its electorate alone (POLL-19)."""

from __future__ import annotations

from collections import Counter

from .ballot import BallotBox
from .count import count
from .electorate import Electorate
from .shape import Definition, DistrictTotals, OptionResult, QuestionResult, Result, Totals


def compute(definition: Definition, electorate: Electorate, box: BallotBox) -> Result:
    eligible = electorate.eligible
    effective = Counter(cast.district for cast in box.effective)
    districts = tuple(
        DistrictTotals(code, eligible[code], effective[code]) for code in sorted(eligible)
    )
    totals = Totals(sum(eligible.values()), sum(effective.values()), districts)
    numerator, denominator = definition.quorum
    ballots = list(box.selections())
    questions = []
    for place, question in enumerate(definition.questions):
        counted = count(
            question.rule,
            [option.cost for option in question.options],
            [selections[place] for selections in ballots],
        )
        lines = zip(question.options, counted.votes, counted.selected)
        questions.append(
            QuestionResult(
                counted.blank,
                tuple(OptionResult(option.label, *line) for option, *line in lines),
            )
        )
    met = totals.effective * denominator >= numerator * totals.eligible
    return Result(totals, met, tuple(questions))
