"""``aoristic`` and ``control-chart``: at what hour of the week, and which months lie outside the usual."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output, public
from hotspot.commands.options import (
    STORE_OPTION,
    Area,
    Audience,
    Choice,
    CrimeType,
    DateBasis,
    ForceName,
    From,
    Json,
    Level,
    Source,
    StoreFolder,
    To,
    open_store,
    select_options,
)
from hotspot.commands.provenance import provenance
from hotspot.errors import BadInput
from hotspot.geography import LPA
from hotspot.selection import WEEKDAYS

if TYPE_CHECKING:
    from hotspot.findings.darkness import Darkness
    from hotspot.findings.when import HoursFinding
    from hotspot.findings.when_series import Series, SeriesFinding

_FEW = "undefined: too few months"
_REASONS = {
    **{(name, "not a number"): "undefined: too few weeks" for name in ("low", "high")},
    ("share", "not a number"): "undefined: no offence with a known time",
    ("expected", "not a number"): _FEW,
    ("expected_rate", "not a number"): "undefined: under two earlier years",
    ("value", "not a number"): "undefined: under two earlier years",
    ("moving_range", "not a number"): "undefined: no month before it on this side of a break, or provisional",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("aoristic")(aoristic)
    app.command("control-chart")(control_chart)


def aoristic(
    store: Annotated[Path | None, typer.Option("--store", **STORE_OPTION)] = None,
    crime_type: Annotated[
        str | None, typer.Option("--crime-type", help="Group or sub-type, in any case; goes with --store.", metavar="TYPE")
    ] = None,
    windows: Annotated[
        Path | None, typer.Option("--windows", help="In place of a store: a CSV with columns from and to.", metavar="FILE.csv")
    ] = None,
    start: From = None,
    end: To = None,
    area: Area = None,
    level: Level = LPA,
    date_basis: DateBasis = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Spread offences over the hours of the week in which each can have happened; hour 0 is Monday 00:00."""
    is_public = public.is_meant(audience)
    if (store is None) == (windows is None):
        raise BadInput("Give either --store with --crime-type, or --windows FILE.csv.")
    if windows is not None:
        others = (crime_type, start, end, area, date_basis, source, force)
        if any(other is not None for other in others) or level != LPA or is_public:
            raise BadInput("--windows counts every row of its file: no option but --json goes with it.")
        document = _of_windows(windows)
    elif crime_type is None:
        raise BadInput("--store needs a --crime-type. List them with: python -m hotspot crime-types")
    else:
        assert store is not None
        choice = Choice(crime_type, area, level, date_basis, source, force)
        document = _of_store(store, choice, start=start, end=end, is_public=is_public)
    output.show(document, _hour_lines(document), as_json=as_json, reasons=_REASONS)


def _of_windows(path: Path) -> dict[str, Any]:
    from hotspot.commands.windows import read_windows
    from hotspot.methods.aoristic import hour_of_week_weights

    read = read_windows(path)
    output.warn(read.notes)
    found = hour_of_week_weights(read.start, read.end)
    return {
        "weights": found.weights,
        "counted": found.counted,
        "end_before_start": found.end_before_start,
        "without_start": found.without_start,
    }


def _of_store(folder: Path, choice: Choice, *, start: str | None, end: str | None, is_public: bool) -> dict[str, Any]:
    from hotspot.findings.darkness import darkness
    from hotspot.findings.selected import select
    from hotspot.findings.when import COLUMNS, hours_finding
    from hotspot.offences.store import EVERYTHING

    opened = open_store(folder)
    selection = select_options(opened, choice, start=start, end=end)
    selected = select(opened, selection, scope=EVERYTHING, extra_columns=COLUMNS)
    finding = hours_finding(selected)
    document = _hours_document(finding, darkness(selected))
    return public.hours(document, finding) if is_public else document


def _hours_document(finding: HoursFinding, dark: Darkness | None) -> dict[str, Any]:
    spread = finding.ways["aoristic"]
    return {
        **provenance(finding.selected),
        "headline": finding.headline,
        "subline": finding.subline,
        "weights": spread.weights,
        "counted": spread.counted,
        "end_before_start": spread.end_before_start,
        "without_start": spread.without_start,
        "over_24_hours": finding.over_a_day,
        "over_7_days": finding.over_a_week,
        "day_alone": finding.day_alone,
        "comparisons": {way: found.weights for way, found in finding.ways.items() if way != "aoristic"},
        "moved": {way: share for way, share in finding.moved.items() if way != "aoristic"},
        "dark": _dark_document(dark) if dark is not None else None,
        "notes": finding.notes,
    }


def _dark_document(dark: Darkness) -> dict[str, Any]:
    share, band = dark.share, dark.band
    return {
        "share": share.share,
        "low": share.low,
        "high": share.high,
        "offences": share.offences,
        "weeks": share.weeks,
        "surely_dark": share.surely_dark,
        "surely_light": share.surely_light,
        "dark_share_of_time": dark.sun.dark_share,
        "sunrise_hours": [band[0], band[1]],
        "sunset_hours": [band[2], band[3]],
        "longitude": dark.longitude,
        "latitude": dark.latitude,
        "sentence": dark.sentence,
    }


def _hour_lines(document: dict[str, Any]) -> list[str]:
    said = [line for line in (document.get("headline"), document.get("subline")) if line]
    head = [*output.heading(document), *said, ""] if "title" in document else []
    if document["weights"] is None:
        return [*head, "The hours are hidden: a number under 5 could be worked out from them."]
    by_day = document["weights"].reshape(7, 24)
    rows = [{"hour": f"{hour:02d}:00", **{day: by_day[n, hour] for n, day in enumerate(WEEKDAYS)}} for hour in range(24)]
    columns: output.Columns = {"hour": str, **dict.fromkeys(WEEKDAYS, output.number(1))}
    dark = [document["dark"]["sentence"]] if document.get("dark") else []
    return [*head, *output.table(rows, columns), "", *_counted_line(document), *dark, *(document.get("notes") or ())]


def _counted_line(document: dict[str, Any]) -> list[str]:
    if document["counted"] is None:
        return []
    left_out = f"{document['end_before_start']:,} end before their start, {document['without_start']:,} have no start"
    return [f"{document['counted']:,} offences counted; left out: {left_out}."]


def control_chart(
    store: StoreFolder,
    crime_type: CrimeType,
    area: Area = None,
    level: Level = LPA,
    date_basis: DateBasis = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Chart the months of all the data: XmR on the ratio to the same month in earlier years, else on rates per day."""
    from hotspot.findings.when_series import series_finding
    from hotspot.offences.store import EVERYTHING

    is_public = public.is_meant(audience)
    opened = open_store(store)
    selection = select_options(opened, Choice(crime_type, area, level, date_basis, source, force), start=None, end=None)
    finding = series_finding(opened, selection, scope=EVERYTHING)
    document = _chart_document(finding)
    if is_public:
        document = public.series(document)
    output.show(document, _chart_lines(document), as_json=as_json, reasons=_REASONS)


def _chart_document(finding: SeriesFinding) -> dict[str, Any]:
    chart, facts, selection = finding.chart, finding.facts, finding.selection
    return {
        "title": f"{selection.crime_type} in {selection.place}, by month",
        "source": facts.source,
        "force": facts.force,
        "crime_type": selection.crime_type,
        "date_basis": selection.date_basis,
        "level": selection.level,
        "area": selection.area,
        "synthetic": facts.synthetic,
        "marking": facts.marking,
        "headline": finding.headline,
        "measure": chart.measure,
        "months": [
            {
                "month": f"{one.month:%Y-%m}",
                "count": output.whole(one.count),
                "days": one.days,
                "rate": one.rate,
                "expected_rate": one.expected,
                "value": one.value,
                "moving_range": one.moving_range,
                "signal": one.signal,
                "provisional": one.provisional,
            }
            for one in chart.months
        ],
        "limits": [
            {
                "from": f"{one.first:%Y-%m}",
                "to": f"{one.last:%Y-%m}",
                "months": one.months,
                "mean": one.mean,
                "mean_moving_range": one.mean_moving_range,
                "low": one.low,
                "high": one.high,
            }
            for one in chart.limits
        ],
        "breaks": [{"day": one.day, "reason": one.reason} for one in finding.breaks],
        "weeks": _weeks(finding.weeks) if finding.weeks is not None else None,
        "notes": finding.notes,
    }


def _weeks(weeks: Series) -> list[dict[str, Any]]:
    rows = zip(weeks.start, weeks.counts.tolist(), weeks.expected.tolist(), weeks.provisional.tolist(), strict=True)
    return [
        {"from": start, "count": output.whole(count), "expected": expected, "provisional": late}
        for start, count, expected, late in rows
    ]


def _chart_lines(document: dict[str, Any]) -> list[str]:
    made = "Synthetic data. " if document["synthetic"] else ""
    head = [document["title"], f"{made}Source: {document['source']}, {document['force']}. {document['marking']}."]
    if document["months"] is None:
        return [*head, "The months are hidden: a number under 5 could be worked out from them."]
    months: output.Columns = {
        "month": str,
        "count": output.quantity,
        "rate": output.number(2),
        "expected_rate": output.number(2),
        "value": output.number(3),
        "signal": str,
    }
    limits: output.Columns = {"from": str, "to": str, "mean": output.number(3), "low": output.number(3), "high": output.number(3)}
    return [
        *head,
        document["headline"],
        f"Value: {document['measure']}.",
        "",
        *output.table(document["months"], months),
        "",
        *(output.table(document["limits"], limits) if document["limits"] else ()),
        *document["notes"],
    ]
