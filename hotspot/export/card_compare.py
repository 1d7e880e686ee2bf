"""The card of the Compare page: the change by area, and the view that was chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hotspot.errors import NotKnowable
from hotspot.export.card_density import suggested
from hotspot.export.card_parts import Asked, Drawn, Said, ask, card, drawn_map
from hotspot.export.cards import CardContent, Figure
from hotspot.findings.audience import FORCE, ShownChange, shown_changes, shown_family_sentence, told_of_change
from hotspot.findings.change_units import CELLS, DISCS, SIZE, shown_categories, unit_change_finding, units_on
from hotspot.findings.change_words import change_of, change_words, in_order, interval_words, short_period, smallest
from hotspot.findings.clustering import ALWAYS, clustering, monthly_positions, monthly_series
from hotspot.findings.compare import CompareFinding, compare_finding, map_of_change, without_area
from hotspot.findings.density import DensitySettings, density_finding
from hotspot.findings.overview import compared_periods, usual_baselines
from hotspot.findings.shown_density import shown_density
from hotspot.findings.two_surfaces import PATTERN, RATE, Against, TwoSurfacesFinding, TwoSurfacesSettings, two_surfaces_of
from hotspot.findings.two_surfaces_words import other_words, shown_places, told
from hotspot.geography import OUTSIDE
from hotspot.maps.legend import CHANGE_KEYS, DensityLegend, KeyLegend
from hotspot.maps.scenes import CHANGE_TITLE, CompareView, compare_view, per_day_title, unit_change_scene, unit_change_title
from hotspot.maps.still_periods import Periods
from hotspot.maps.two_surfaces_scene import two_surfaces_legend, two_surfaces_scene
from hotspot.methods.change import TOO_FEW
from hotspot.offences.store import Scope
from hotspot.period import Period

CHANGE, SWIPE, SIDE_BY_SIDE, DIFFERENCE, RELATIVE = "Change", "Swipe", "Side by side", "Difference", "Relative risk"
VIEWS = (CHANGE, SWIPE, SIDE_BY_SIDE, DIFFERENCE, RELATIVE)
EARLIER = "The earlier period"
MOST_PLACES = 10
Progress = Callable[[float, str], None]


def content(folder: Path, query: Mapping[str, str], *, scope: Scope, progress: Progress) -> CardContent:
    """Run the Compare page; parameters as in ``cards.content``."""
    progress(0.05, "Reading the offences")
    asked = ask(folder, query, scope=scope)
    baseline = _baseline(asked)
    view = asked.setting("view", CHANGE, str, among=VIEWS)
    if view in (DIFFERENCE, RELATIVE):
        return _of_two_surfaces(asked, baseline, view, progress)
    finding = comparison(asked, baseline)
    said = _said(asked, finding)
    progress(0.5, "Drawing the map")
    return card(asked, "compare", finding.selected, said, _drawn(asked, said, finding, view))


def _baseline(asked: Asked) -> Period:
    """Read what the period is compared with; choose it as the page does where the link names none."""
    facts = asked.facts()
    if "against" in asked.parameters:
        baseline = asked.setting("against", asked.selection.period, Period.parse)
        asked.read["against"] = baseline.iso
    else:
        usual = usual_baselines(asked.selection, facts)
        pair = compared_periods(asked.selection, facts)
        if not usual and pair is not None:
            asked.selection = asked.selection.with_period(pair[0])
            usual = {"": pair[1]}
        if not usual:
            raise NotKnowable(
                "The data hold nothing earlier than this period. Choose a shorter period, or another one to compare with.",
                headline="Nothing earlier is loaded to compare with",
            )
        baseline = next(iter(usual.values()))
        asked.read["against"] = baseline.iso
    if baseline.end <= facts.first_day:
        raise NotKnowable(
            f"The data cover {Period(facts.first_day, facts.end).label_in_days()}; {baseline.label_in_days()} lies before them.",
            headline="Nothing earlier is loaded to compare with",
        )
    return baseline


def comparison(asked: Asked, baseline: Period) -> CompareFinding:
    """Compare by area of the level over the whole force; a drawn area by itself."""
    selection = asked.selection
    by_area = selection.drawn is None
    wide = without_area(selection, selection.level) if by_area else selection
    now, before = asked.select(wide), asked.select(wide.with_period(baseline))
    focus = (asked.select(), asked.select(selection.with_period(baseline))) if wide != selection else None
    series = monthly_series(asked.store, wide.with_period(ALWAYS), scope=asked.scope, by_area=by_area)
    found = clustering(series, period=selection.period, baseline=baseline)
    return compare_finding(now, before, by_area=by_area, focus=focus, clustering=found)


def _said(asked: Asked, finding: CompareFinding) -> Said:
    headline, subline = told_of_change(finding, audience=asked.audience)
    rows, total = shown_changes(finding.table.rows, finding.table.total, audience=asked.audience)
    focus = next((one for one in rows if one.row.area == asked.selection.area), total)
    listed = [*sorted(rows, key=in_order), *([total] if len(rows) > 1 else [])]
    earlier, period = finding.baseline.selection.period, asked.selection.period
    return Said(
        kicker=finding.kicker,
        headline=headline,
        subline=subline,
        sentence=sentence_of(asked.selection.crime_type, asked.selection.place, focus),
        figures=figures_of(focus, short_period(earlier), short_period(period)),
        head=("Area", short_period(earlier), short_period(period), "Change", "95% interval", "Reading"),
        rows=tuple(change_row(one) for one in listed),
        notes=(*finding.notes, shown_family_sentence(finding.table, audience=asked.audience)),
    )


def sentence_of(crime_type: str, place: str, shown: ShownChange) -> str:
    """Say counts and reading as a person would: 'Burglary in Coventry: 30 → 21 offences: could be chance (p = .26).'"""
    where = "outside the LPAs" if place == OUTSIDE else f"in {place}"
    if shown.is_hidden:
        return f"{crime_type} {where}: small counts are hidden."
    row = shown.row
    said = f"{crime_type} {where}: {shown.baseline} → {shown.count} offences: {row.verdict}"
    if row.verdict == TOO_FEW:
        return f"{said}."
    corrected = f", corrected for {row.family}" if row.family else ""
    return f"{said} ({p_words(row.q_value)}{corrected})."


def p_words(p_value: float) -> str:
    """Write a probability as a talking point has it: 'p = .26', 'p = .003', 'p < .001'."""
    if p_value < 0.0005:
        return "p < .001"
    written = f"{p_value:.2f}" if p_value >= 0.1 else f"{p_value:.3f}"
    return f"p = {written.removeprefix('0')}"


def figures_of(shown: ShownChange, earlier: str, now: str) -> tuple[Figure, ...]:
    """Give both counts and the change of one place."""
    return (
        Figure(f"Offences, {earlier}", shown.baseline),
        Figure(f"Offences, {now}", shown.count),
        Figure("Change", change_words(shown)),
    )


def change_row(shown: ShownChange) -> tuple[str, ...]:
    """Write a row as the page's table does."""
    row = shown.row
    if shown.is_hidden or row.verdict == TOO_FEW:
        return row.area, shown.baseline, shown.count, "", "", "small counts hidden" if shown.is_hidden else TOO_FEW
    return row.area, shown.baseline, shown.count, change_of(row), interval_words(row), f"{row.verdict}{smallest(row)}"


def _drawn(asked: Asked, said: Said, finding: CompareFinding, view: str) -> Drawn:
    """Draw the change, or both surfaces: beside each other, or the earlier one to swipe to."""
    selected, before = finding.selected, finding.baseline
    shown = _view(asked, finding)
    earlier, later = before.selection.period.label(), selected.selection.period.label()
    if view != CHANGE or shown.change is None:
        legend = DensityLegend(shown.breaks, per_day_title(selected.selection))
        return drawn_map(asked, said, selected, shown.swipe, legend, periods=Periods(earlier, later, view == SIDE_BY_SIDE))
    on = asked.setting("on", DISCS, str, among=(DISCS, *CELLS, *asked.store.levels_of(asked.selection.force, scope=asked.scope)))
    scene, title = shown.change_scene, CHANGE_TITLE
    if on != DISCS and selected.area is not None:
        size = float(asked.setting("size", int(SIZE), int)) if on in CELLS else SIZE
        units = units_on(asked.store, selected, on=on, size=size)
        positions = monthly_positions(asked.store, selected.selection.with_period(ALWAYS), scope=asked.scope)
        changes = unit_change_finding(selected, before, units, positions=positions).changes
        scene = unit_change_scene(shown, units, shown_categories(changes, audience=asked.audience))
        title = unit_change_title(units)
    return drawn_map(asked, said, selected, scene, KeyLegend(title, CHANGE_KEYS))


def _view(asked: Asked, finding: CompareFinding) -> CompareView:
    selected, before = finding.selected, finding.baseline
    settings = DensitySettings(bandwidth=suggested(selected).bandwidth)
    positions = monthly_positions(asked.store, selected.selection.with_period(ALWAYS), scope=asked.scope)
    return compare_view(
        selected,
        asked.context(),
        now=shown_density(density_finding(selected, settings), audience=asked.audience).surface,
        before=shown_density(density_finding(before, settings), audience=asked.audience).surface,
        days=selected.selection.period.days,
        baseline_days=before.selection.period.days,
        change=map_of_change(selected, before, positions=positions),
    )


def _of_two_surfaces(asked: Asked, baseline: Period, view: str, progress: Progress) -> CardContent:
    """Give the card of the difference, or of one pattern against another."""
    against = Against(baseline=baseline, null=RATE)
    if view == RELATIVE:
        other = asked.setting("other", EARLIER, str)
        against = Against(baseline=baseline) if other == EARLIER else Against(crime_type=other, null=PATTERN)
    finding = two_surfaces_of(
        asked.store.path, asked.selection, against, TwoSurfacesSettings(), scope=asked.scope, progress=progress
    )
    selected = asked.select()
    said = _said_of_surfaces(asked, finding)
    scene = two_surfaces_scene(finding, selected, asked.context())
    if asked.audience != FORCE:
        scene = replace(scene, hotspots=tuple(replace(one, count=None) for one in scene.hotspots))
    return card(asked, "compare", selected, said, drawn_map(asked, said, selected, scene, two_surfaces_legend(finding)))


def _said_of_surfaces(asked: Asked, finding: TwoSurfacesFinding) -> Said:
    headline, subline = told(finding, audience=asked.audience)
    places = shown_places(finding, audience=asked.audience)
    rows: Sequence[tuple[str, ...]] = [
        (str(one.rank), one.name, one.count, one.other_count, one.value, one.by_chance, one.reading, one.p)
        for one in places[:MOST_PLACES]
    ]
    value = f"{'Difference' if finding.against.null == RATE else 'Relative risk'} at the peak"
    return Said(
        kicker=f"{finding.selection.title()}, against {other_words(finding)}",
        headline=headline,
        subline=subline,
        sentence=f"{headline}. {subline}".strip(),
        figures=(Figure("Places that stand", str(len(places))),),
        head=("No.", "Around", "Offences", "Other", value, "By chance", "Reading", "p"),
        rows=tuple(rows),
        notes=finding.notes[:1] if asked.audience != FORCE else finding.notes,
    )
