"""The card of the Evaluation page: the areas on the map, the counts of each side, the difference and the ratio."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from hotspot.errors import NotKnowable
from hotspot.export.card_parts import Asked, Said, ask, card, drawn_map
from hotspot.export.cards import CardContent, Figure
from hotspot.findings import evaluation_words as words
from hotspot.findings.audience import COUNTS_HIDDEN, FORCE
from hotspot.findings.evaluation import EvaluationFinding, evaluation_finding
from hotspot.findings.evaluation_areas import NO_AREA
from hotspot.findings.evaluation_periods import EvaluationSettings, is_possible, just_before, usual_start
from hotspot.findings.words import quantity
from hotspot.maps.evaluation_scene import evaluation_scene, legend_of
from hotspot.methods.comparison_areas import RING
from hotspot.offences.store import Scope
from hotspot.period import Period, add_months

LAST_YEAR, JUST_BEFORE, YEAR_BEFORE = "last-year", "just-before", "year-before"
BEFORE = "before"
"""The link's word for an area that was chosen by its count in the before period."""
SEPARATOR = "|"


def content(folder: Path, query: Mapping[str, str], *, scope: Scope, progress: Callable[[float, str], None]) -> CardContent:
    """Run the Evaluation page; parameters as in ``cards.content``."""
    progress(0.05, "Reading the offences")
    asked = ask(folder, query, scope=scope)
    if asked.selection.is_whole_force:
        raise NotKnowable("An evaluation asks what became of one area beside others. Choose an area.", headline=NO_AREA)
    finding = evaluation_finding(asked.store, asked.selection, _settings(asked), scope=scope)
    progress(0.7, "Drawing the map")
    said = _said(asked, finding)
    scene = evaluation_scene(finding, asked.context())
    return card(asked, "evaluation", finding.selected, said, drawn_map(asked, said, finding.selected, scene, legend_of(finding)))


def _settings(asked: Asked) -> EvaluationSettings:
    """Read start, periods, ring, and how the area was chosen, as the page's sidebar does."""
    facts = asked.facts()
    covered = Period(facts.first_day, facts.end)
    period = asked.selection.period
    start = asked.setting("start", usual_start(period, covered), date.fromisoformat)
    if start >= min(period.end, covered.end):
        raise NotKnowable(
            f"The start, {start.isoformat()}, does not lie before the end of the period and of the data.",
            headline="Nothing after the start is shown",
        )
    after = Period(max(start, period.start), period.end)
    before = _before(asked, after, start, covered)
    chosen = asked.setting("chosen", "", str)
    names = tuple(name for name in asked.setting("comparison", "", str).split(SEPARATOR) if name)
    chosen_in = before if chosen == BEFORE else Period.parse(chosen) if chosen else None
    return EvaluationSettings(
        start,
        before=before,
        after=after,
        comparison=names,
        ring=float(asked.setting("ring", int(RING), int)),
        chosen_in=chosen_in,
    )


def _before(asked: Asked, after: Period, start: date, covered: Period) -> Period:
    """Read the period before: by name, by its dates, else the first of the usual ones that the data can answer."""
    usual = {
        LAST_YEAR: after.shifted(-12),
        JUST_BEFORE: just_before(after, start),
        YEAR_BEFORE: Period(add_months(start, -12), start),
    }
    possible = next((name for name, period in usual.items() if is_possible(period, start, covered)), LAST_YEAR)
    named = asked.setting("before", "", str) or possible
    asked.read["before"] = named
    return usual[named] if named in usual else Period.parse(named)


def _said(asked: Asked, finding: EvaluationFinding) -> Said:
    headline, subline = words.told(finding, audience=asked.audience)
    hidden = words.is_hidden(finding, audience=asked.audience)
    cautions = words.cautions(finding)
    return Said(
        kicker=words.kicker(finding),
        headline=headline,
        subline=subline,
        sentence=sentence_of(finding, audience=asked.audience),
        figures=_figures(finding, audience=asked.audience),
        head=("Area", "Before", "After", "Weight", "Change", "95% interval"),
        rows=tuple(
            (one.name, one.before, one.after, one.weight, one.change, one.interval)
            for one in words.shown_arms(finding, audience=asked.audience)
        ),
        notes=(*cautions, *(() if hidden else (*words.notes(finding), words.rule_words(finding, audience=asked.audience)))),
    )


def sentence_of(finding: EvaluationFinding, *, audience: str = FORCE) -> str:
    """Say counts, the ratio to the comparison and its reading, and nothing more."""
    where = f"{finding.selection.crime_type} in {finding.selection.place}"
    if words.is_hidden(finding, audience=audience):
        return f"{where}: {COUNTS_HIDDEN}"
    counts = finding.treated.counts
    said = f"{where}: {quantity(counts.before)} → {quantity(counts.after)} offences"
    if words.is_too_few(finding):
        return f"{said}: {words.TOO_FEW}."
    reading = words.STANDS if finding.ratio.stands else words.CHANCE
    return f"{said}, {words.percent(finding.ratio.value)} beside comparison areas ({words.ratio_interval(finding)}): {reading}."


def _figures(finding: EvaluationFinding, *, audience: str) -> tuple[Figure, ...]:
    if words.is_hidden(finding, audience=audience) or words.is_too_few(finding):
        return ()
    counts = finding.treated.counts
    differences = [
        (f"Offences, {name[0].lower()}{name[1:]}", f"{words.signed(one.value)} ({words.difference_interval(one)})")
        for name, one, _ in words.differences(finding)
    ]
    return (
        Figure("Before", quantity(counts.before)),
        Figure("After", quantity(counts.after)),
        Figure("Ratio to the comparison", f"{words.percent(finding.ratio.value)} ({words.ratio_interval(finding)})"),
        *(Figure(name, value) for name, value in differences),
        Figure("What could have been shown", words.detectable_words(finding)),
    )
