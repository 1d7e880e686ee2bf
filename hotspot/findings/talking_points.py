"""What a presenter may say of a finding: from its figures, in plain words, never more than its test allows."""

from __future__ import annotations

import re
from collections.abc import Sequence

CHANCE = "It could be chance: do not say that it rose or fell."
SOME_CHANCE = "Where it says 'could be chance', do not say that it rose or fell."
TOO_FEW = "Where there are too few to say, give the two counts and no percentage."
HIDDEN = "Small counts are hidden, so that nobody can be told from them."
OF_PAGE = {
    "density": "The map shows where offences were in this period, not where they will be.",
    "clusters": "A cluster is more than chance would put there by itself; it does not say why.",
    "compare": "A change by itself does not say what caused it.",
    "overview": "A change by itself does not say what caused it.",
    "when": "Where only a span of time is known, the offence is shared over it: these are best estimates, not clock readings.",
    "repeat_victimisation": "Repeats at one place are counted over the period shown; earlier ones are not known here.",
    "near_repeats": "It says how often offences followed each other closely, not who committed them.",
    "series": "Offences close in place and time are listed together; whether one person committed them is not known.",
    "accuracy": "It tells how well past maps would have done on offences they had not seen, and promises nothing.",
    "plans": "That an action is done does not say that it worked: the Evaluation page compares before and after.",
}
"""What the finding of a page does not say."""
_VERDICT = re.compile(r": (rose|fell|little change|could be chance|too few to say)\b")


def talking_points(page: str, sentence: str, figures: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Give what may be said of a finding, and what may not.

    Parameters
    ----------
    sentence
        The finding's own sentence, such as 'Burglary in Coventry: 30 → 21 offences: could be chance (p = .26).'
    figures
        Name and value of each figure as the audience may see it; those that the sentence holds already are left out.
    """
    said = tuple(sentences(sentence))
    further = "; ".join(f"{name}: {value.rstrip('.')}" for name, value in figures if value and value not in sentence)
    return tuple(point for point in (*said, f"{further}." if further else "", *_limits(sentence), OF_PAGE.get(page, "")) if point)


def _limits(sentence: str) -> tuple[str, ...]:
    verdicts = _VERDICT.findall(sentence)
    chance = CHANCE if set(verdicts) == {"could be chance"} else SOME_CHANCE
    return (
        *((chance,) if "could be chance" in sentence else ()),
        *((TOO_FEW,) if "too few to say" in sentence else ()),
        *((HIDDEN,) if "<5" in sentence or "hidden" in sentence else ()),
    )


def sentences(text: str) -> list[str]:
    """Part a text into its sentences; 'St. Mary' and 'p = .26' are no ends of one."""
    parts = re.split(r"(?<![ (][A-Z][a-z]\.)(?<=[a-z0-9)%'’][.!?]) +(?=[A-Z0-9])", text.strip())
    return [part for part in parts if part]
