"""``--audience public``: counts under 5 are null with a reason, and so is what would give them away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hotspot.errors import BadInput
from hotspot.export.json_document import REASONS

if TYPE_CHECKING:
    from hotspot.findings.audience import ShownChange
    from hotspot.findings.change_units import UnitChangeFinding
    from hotspot.findings.compare import CompareFinding
    from hotspot.findings.repeats import RepeatsFinding
    from hotspot.findings.when import HoursFinding

FORCE, PARTNER, PUBLIC = "force", "partner", "public"
UNDER_5 = "suppressed: a count under 5"
PROTECTS = "suppressed: it would give a count under 5 away"
MASKED = "suppressed: single targets are not shown outside the force"
Document = dict[str, Any]
_LEFT_OUT = ("without_location", "location_unusable", "outside_lpas")
_ACCOUNTED = ("with_reference", "without_reference", "without_date", "follow_up_censored", "look_back_censored")
"""Counts that add up with others that are shown: one small one hides them all."""
_OF_COUNTS = (
    "ratio",
    "ratio_low",
    "ratio_high",
    "p_value",
    "poisson_low",
    "poisson_high",
    "poisson_p_value",
    "dispersion",
    "dispersion_low",
    "dispersion_high",
    "widened",
    "q_value",
    "verdict",
    "smallest_rise",
    "smallest_fall",
    "sentence",
)


def is_meant(audience: str) -> bool:
    """Say whether the audience is partners or the public, who see the same; raise ``BadInput`` for one that does not exist."""
    found = audience.strip().lower()
    if found not in (FORCE, PARTNER, PUBLIC):
        raise BadInput(f"--audience '{audience}' is none of {FORCE}, {PARTNER}, {PUBLIC}.")
    return found != FORCE


def hides(document: Mapping[str, Any]) -> bool:
    """Say whether anything in the document is suppressed."""
    return any(reason.startswith("suppressed") for reason in document.get(REASONS, {}).values())


def comparison(document: Document, finding: CompareFinding) -> Document:
    """Suppress the counts of a comparison, the same ones as on the page: two choices would give each other away."""
    from hotspot.findings.audience import shown_changes, shown_family_sentence, told_of_change
    from hotspot.methods.change import TOO_FEW

    shown, shown_total = shown_changes(finding.table.rows, finding.table.total, audience=PUBLIC)
    headline, subline = told_of_change(finding, audience=PUBLIC)
    document |= {
        "headline": headline,
        "subline": subline,
        "family_sentence": shown_family_sentence(finding.table, audience=PUBLIC),
    }
    rows = [_with_counts(row, one) for row, one in zip(document["rows"], shown, strict=True)]
    total = _with_counts(document["total"], shown_total)
    tested = {"tested": sum(one.is_hidden or one.row.verdict != TOO_FEW for one in shown)}
    changed = document | {"rows": rows, "total": total, "count": total["count"]} | tested
    given_away = [*_LEFT_OUT, *(["subline"] if hides(total) else []), *(["count"] if total["count"] is None else [])]
    return _without(changed, given_away, PROTECTS)


def change_map(document: Document, finding: UnitChangeFinding) -> Document:
    """Suppress the counts of units; the totals would tell what is hidden, so they go."""
    from hotspot.findings.audience import shown_units
    from hotspot.methods.change import TOO_FEW

    shown = shown_units(finding.changes.rows, audience=PUBLIC)
    rows = [_with_counts(row, one, sentence=False) for row, one in zip(document["rows"], shown, strict=True)]
    tested = {"tested": sum(one.is_hidden or one.row.verdict != TOO_FEW for one in shown)}
    changed = document | {"rows": rows, "notes": []} | tested
    return _without(changed, ["headline", "family_sentence", "outside_units", "count", *_LEFT_OUT], PROTECTS)


def s_index(document: Document) -> Document:
    """Leave the single units out, with the counts and shares that would tell small numbers."""
    told = ["count", *_LEFT_OUT] if any(_is_small(document[name]) for name in _LEFT_OUT) else []
    return _without(document, ["rows", *told], PROTECTS)


def hotspots(document: Document) -> Document:
    """Suppress the counts around hotspots, which hold five or more each themselves."""
    left_out = document["count"] - document["located"]
    beyond = document["located"] - document["held"]
    changed = _without(document, _LEFT_OUT, PROTECTS) if any(_is_small(document[name]) for name in _LEFT_OUT) else document
    if "harm" in document:
        changed = changed | {"harm": _without(document["harm"], ["without_weight"], PROTECTS)}
    if not (_is_small(left_out) or _is_small(beyond) or _is_small(document["count"])):
        return changed
    harm = ["harm"] if "harm" in document else []
    rows = [_without(row, ["share", *harm], PROTECTS) for row in document["hotspots"]]
    return _without(changed | {"hotspots": rows}, ["count", "located", "subline", "headline", *harm], PROTECTS)


def two_surfaces(document: Document) -> Document:
    """Suppress small counts of places with the values they would give away; totals go, since they tell what is left."""
    values = ("count", "other_count", "relative_risk", "difference", "chance_low", "chance_high")
    rows = [
        _without(row, values, PROTECTS) if _is_small(row["count"]) or _is_small(row["other_count"]) else row
        for row in document["places"]
    ]
    return _without(document | {"places": rows}, ["count", "located", "other_located", *_LEFT_OUT], PROTECTS)


def repeats(document: Document, finding: RepeatsFinding) -> Document:
    """Suppress small numbers of repeats, the same ones as on the page; leave single targets out."""
    from hotspot.findings.audience import shown_times
    from hotspot.methods.suppression import HIDDEN

    hidden = HIDDEN in shown_times(finding, audience=PUBLIC).values()
    times = [_without(row, ["observed"], PROTECTS) if hidden else row for row in document["times"]]
    # How unequal the targets are tells how many had how many offences.
    document = _without(document, ["generalised_gini"], PROTECTS)
    course = _list_of_counts(document["course"], "observed", also=("ratio", "low", "high", "p_value", "q_value"))
    shares = {name: _share(document[name], among=document["offences"]) for name in ("followed", "repeats")}
    words = [name for name, share in (("forward", "followed"), ("subline", "repeats")) if hides(shares[share])]
    words += ["headline"] if hides(shares["repeats"]) else []
    counts = [name for name in ("count", "offences") if _is_small(document[name])]
    for together in (_LEFT_OUT, _ACCOUNTED):
        counts += together if any(_is_small(document[name]) for name in together) else ()
    changed = _without(document | shares | {"times": times, "course": course}, [*words, *counts], PROTECTS)
    return _without(changed, ["targets"], MASKED) | {"notes": [] if counts else document["notes"]}


def hours(document: Document, finding: HoursFinding) -> Document:
    """Suppress hours of the week in which a few offences fall, and the counts beside them."""
    from hotspot.findings.when import told_of_hours

    headline, subline = told_of_hours(finding, public=True)
    document |= {"headline": headline, "subline": subline}
    held = [weight for found in finding.ways.values() for weight in found.weights]
    sparse = any(_is_small(weight) for weight in held)
    changed = _without(document, ["weights", "comparisons", "moved"], PROTECTS) if sparse else document
    beside = ("end_before_start", "without_start", "over_24_hours", "over_7_days", "day_alone", *_LEFT_OUT)
    if _is_small(document["day_alone"]):
        changed = _without(changed, ["comparisons", "moved"], PROTECTS)  # their sums lack those
    between = document["over_24_hours"] - document["over_7_days"]
    short = document["counted"] - document["over_24_hours"] - document["day_alone"]
    if any(map(_is_small, (between, short, *(document[name] for name in (*beside, "counted", "count"))))):
        changed = _without(changed, [*beside, "counted", "count", "subline", "notes"], PROTECTS)
    dark = document["dark"]
    unsure = dark["offences"] - dark["surely_dark"] - dark["surely_light"] if dark else 0
    if dark and any(_is_small(count) for count in (dark["surely_dark"], dark["surely_light"], unsure, dark["offences"])):
        changed = _without(changed, ["dark"], PROTECTS)
    return changed


def series(document: Document) -> Document:
    """Suppress a series with a small count: the other months and the limits would give it away.

    Weeks are left out always: beside months they tell the days by which the two differ.
    """
    if not any(_is_small(row["count"]) for row in document["months"] or ()):
        return _without(document, ["weeks"], PROTECTS)
    return _without(document, ["months", "weeks", "limits", "headline", "notes"], PROTECTS)


def concentration(document: Document, *, hides: bool) -> Document:
    """Leave out the curve, whose upper end tells of single places, and small counts; measures have the page's digits."""
    changed = _without(document, ["curve"], MASKED)
    told = ("count", "offences", "hit", "without_unit")
    if not hides and not any(_is_small(document[name]) for name in ("count", *_LEFT_OUT)):
        return changed | {name: round(document[name], 2) for name in ("gini", "generalised_gini", "half_share")}
    measures = ("gini", "generalised_gini", "half_share", "by_chance", "headline", "subline", "notes")
    return _without(changed, [*told, *_LEFT_OUT, *measures], PROTECTS)


def _with_counts(row: Document, shown: ShownChange, *, sentence: bool = True) -> Document:
    from hotspot.methods import suppression

    if not shown.is_hidden:
        # The correction for the family was made anew, so that it tells nothing of hidden counts.
        said = {"sentence": shown.row.sentence()} if sentence else {}
        return row | {"q_value": shown.row.q_value, "verdict": shown.row.verdict} | said
    labels = {"count": shown.count, "baseline_count": shown.baseline}
    small = [name for name, label in labels.items() if label == suppression.UNDER_5]
    protecting = [name for name, label in labels.items() if label == suppression.HIDDEN]
    return _without(_without(row, small, UNDER_5), [*protecting, *(name for name in _OF_COUNTS if name in row)], PROTECTS)


def _list_of_counts(rows: Sequence[Document], name: str, *, also: Sequence[str] = ()) -> list[Document]:
    from hotspot.methods.suppression import suppress

    hidden = suppress([row[name] for row in rows]).hidden.tolist() if rows else []
    return [
        _without(row, [name, *also], PROTECTS if row[name] >= 5 else UNDER_5) if is_hidden else row
        for row, is_hidden in zip(rows, hidden, strict=True)
    ]


def _share(share: Document, *, among: int) -> Document:
    """Suppress a share whose count, or the rest, is small; and what it is of, where so few of all are left out of it."""
    if _is_small(among - share["of"]):
        return _without(share, ["count", "of", "share", "low", "high"], PROTECTS)
    if _is_small(share["of"]):
        return _without(share, ["count", "of", "share", "low", "high"], UNDER_5)
    if not (_is_small(share["count"]) or _is_small(share["of"] - share["count"])):
        return share
    return _without(share, ["count", "share", "low", "high"], UNDER_5 if _is_small(share["count"]) else PROTECTS)


def _is_small(count: float) -> bool:
    return 0 < count < 5


def _without(document: Document, names: Sequence[str], reason: str) -> Document:
    """Set values to null and name the reason of each."""
    if not names:
        return document
    nulls = dict.fromkeys(names)
    return {**document, **nulls, REASONS: {**document.get(REASONS, {}), **dict.fromkeys(names, reason)}}
