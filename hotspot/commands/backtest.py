"""``backtest``: maps made from one period, fixed, judged by the offences of the next."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output
from hotspot.commands.options import (
    Area,
    Bandwidth,
    Choice,
    CrimeType,
    DateBasis,
    ForceName,
    From,
    Json,
    Kernel,
    Level,
    Scheduler,
    Source,
    StoreFolder,
    To,
    open_store,
    select_options,
    select_period,
)
from hotspot.commands.provenance import provenance
from hotspot.errors import BadInput, NotKnowable
from hotspot.geography import LPA
from hotspot.period import Period
from hotspot.selection import MONTH

if TYPE_CHECKING:
    from hotspot.findings.accuracy import AccuracyFinding
    from hotspot.findings.backtest_settings import BacktestSettings
    from hotspot.selection import Selection

_PERIOD = "start..end, year-month-day, the end not included."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("backtest")(backtest)


def backtest(
    store: StoreFolder,
    crime_type: CrimeType,
    start: From = None,
    end: To = None,
    train_days: Annotated[
        int | None, typer.Option("--train-days", help="Days that each map is made from; 84 unless said.", metavar="N")
    ] = None,
    judge_days: Annotated[
        int | None, typer.Option("--judge-days", help="Days after it that it is judged by; 28 unless said.", metavar="N")
    ] = None,
    train_months: Annotated[
        int | None, typer.Option("--train-months", help="As --train-days, where data know the month alone; 1.", metavar="N")
    ] = None,
    judge_months: Annotated[
        int | None, typer.Option("--judge-months", help="As --judge-days, where data know the month alone; 1.", metavar="N")
    ] = None,
    origins: Annotated[
        int | None, typer.Option("--origins", help="Judge at most so many periods, the latest first.", metavar="N")
    ] = None,
    train: Annotated[
        str | None, typer.Option("--train", help=f"With --judge: the one period to learn from: {_PERIOD}", metavar="D..D")
    ] = None,
    judge: Annotated[
        str | None, typer.Option("--judge", help=f"With --train: the one period to be judged by: {_PERIOD}", metavar="D..D")
    ] = None,
    methods: Annotated[
        str, typer.Option("--methods", help="density, adaptive, gi-star, with commas; the first is told of.", metavar="LIST")
    ] = "density,gi-star",
    area_share: Annotated[
        float, typer.Option("--area-share", help="Share of the area that is tested and told of, 0 to 1.", metavar="SHARE")
    ] = 0.02,
    cell_size: Annotated[float, typer.Option("--cell-size", help="Metres: side of the squares ranked.", metavar="M")] = 150.0,
    bandwidth: Bandwidth = None,
    kernel: Kernel = "quartic",
    each: Annotated[
        str | None,
        typer.Option("--each", help="Judge each whole month or year of the period by itself.", metavar="month|year"),
    ] = None,
    scheduler: Scheduler = None,
    resamples: Annotated[int, typer.Option("--resamples", help="Times that the weeks are resampled.", metavar="N")] = 49_999,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the resampling.", metavar="S")] = 0,
    area: Area = None,
    level: Level = LPA,
    date_basis: DateBasis = None,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Judge maps of one period by the next: hit rate, PAI and PEI by share of the area, against naive baselines."""
    opened = open_store(store)
    choice = Choice(crime_type, area, level, date_basis, source, force)
    lengths = {"train_days": train_days, "judge_days": judge_days, "train_months": train_months, "judge_months": judge_months}
    lengths |= {"origins": origins}
    pair = _pair(train, judge, given=[name for name, value in {**lengths, "from": start, "to": end}.items() if value is not None])
    selection = select_options(opened, choice, start=start, end=end) if pair is None else select_period(opened, choice, pair[1])
    settings = _settings(selection, lengths, pair)
    settings = _with_methods(
        settings, methods=methods, area_share=area_share, cell_size=cell_size, bandwidth=bandwidth, kernel=kernel
    )
    settings = replace(settings, resamples=resamples, seed=seed)
    if each is None and scheduler is not None:
        raise BadInput("--scheduler shares several back-tests out: say which, with --each month or --each year.")
    if each is not None:
        if pair is not None:
            raise BadInput("--train and --judge say one back-test, so --each cannot stand beside them.")
        _show_each(store, selection, settings, each.strip().lower(), scheduler=scheduler, as_json=as_json)
        return
    finding = _finding(store, selection, settings, progress=output.progress)
    document = _document(store, finding)
    output.warn(finding.notes)
    output.show(document, _lines(finding, document), as_json=as_json, reasons=_reasons(finding))


def _show_each(
    store: Path, selection: Selection, settings: BacktestSettings, each: str, *, scheduler: str | None, as_json: bool
) -> None:
    """Judge each month or year by itself, each a task of its own."""
    from hotspot.findings.backtest_settings import whole_periods
    from hotspot.offences import manifest
    from hotspot.tasks import run_tasks

    tasks = [(store.resolve(), selection.with_period(period), settings) for period in whole_periods(selection.period, each)]
    made = run_tasks(
        _finding_or_reason,
        tasks,
        scheduler=scheduler,
        reads=[store / manifest.NAME],
        said=output.progress,
        told=lambda done, of: output.progress(f"{done} of {of} back-tests"),
    )
    runs, lines, reasons = [], [], {}
    for (_, chosen, _), (finding, reason) in zip(tasks, made, strict=True):
        lines += [f"# {chosen.period.label_in_days()}", ""]
        if finding is None:
            runs.append({"period": chosen.period.iso, "not_shown": reason})
            lines += [f"Not shown. {reason}", ""]
            continue
        document = _document(store, finding)
        runs.append({"period": chosen.period.iso, **document})
        lines += [*_lines(finding, document), ""]
        reasons |= _reasons(finding)
    output.show({"each": each, "runs": runs}, lines, as_json=as_json, reasons=reasons)


def _finding(store: Path, selection: Selection, settings: BacktestSettings, *, progress: Callable[..., None]) -> AccuracyFinding:
    from hotspot.findings.accuracy import accuracy_finding
    from hotspot.offences.store import EVERYTHING

    return accuracy_finding(store, selection, settings, scope=EVERYTHING, progress=progress)


def _finding_or_reason(store: Path, selection: Selection, settings: BacktestSettings) -> tuple[AccuracyFinding | None, str]:
    """Give one back-test of several, or why there is none; as a task that a worker can do."""
    try:
        return _finding(store, selection, settings, progress=lambda *step: None), ""
    except NotKnowable as refusal:
        return None, str(refusal)


def _pair(train: str | None, judge: str | None, *, given: list[str]) -> tuple[Period, Period] | None:
    """Read the two periods that were given as they are; None where lengths say which."""
    if train is None and judge is None:
        return None
    if train is None or judge is None:
        raise BadInput("--train and --judge go together: the period to learn from, and the one to be judged by.")
    if given:
        named = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise BadInput(f"--train and --judge say both periods, so {named} cannot stand beside them.")
    return Period.parse(train), Period.parse(judge)


def _settings(selection: Selection, lengths: dict[str, int | None], pair: tuple[Period, Period] | None) -> BacktestSettings:
    from hotspot.findings.backtest_settings import BacktestSettings, usual_settings
    from hotspot.methods.backtest import Fold

    if pair is not None:
        return BacktestSettings(fold=Fold(*pair))
    wanted, other = ("months", "days") if selection.date_basis == MONTH else ("days", "months")
    wrong = [f"--{name}-{other}" for name in ("train", "judge") if lengths[f"{name}_{other}"] is not None]
    if wrong:
        raise BadInput(f"{', '.join(wrong)} cannot be used: by this date offences are counted in {wanted}. Say --train-{wanted}.")
    usual = usual_settings(selection.date_basis)
    named = {"train": lengths[f"train_{wanted}"], "judge": lengths[f"judge_{wanted}"], "origins": lengths["origins"]}
    return replace(usual, **{name: value for name, value in named.items() if value is not None})


def _with_methods(
    settings: BacktestSettings, *, methods: str, area_share: float, cell_size: float, bandwidth: float | None, kernel: str
) -> BacktestSettings:
    from hotspot.commands.kernel import WIDEST
    from hotspot.methods.kernels import checked_kernel

    for name, value in (("--bandwidth", bandwidth), ("--cell-size", cell_size)):
        if value is not None and (not math.isfinite(value) or value > WIDEST):
            raise BadInput(f"{name} {value:g} is no number of metres up to {WIDEST:,.0f}.")
    chosen = kernel.strip().lower()
    checked_kernel(chosen, 1.0 if bandwidth is None else bandwidth)
    names = tuple(name.strip().lower() for name in methods.split(",") if name.strip())
    return replace(
        settings,
        methods=names,
        area_share=area_share,
        shares=tuple(sorted({*settings.shares, area_share})),
        cell_size=cell_size,
        bandwidth=bandwidth,
        kernel=chosen,
    )


def _document(folder: Path, finding: AccuracyFinding) -> dict[str, Any]:
    from hotspot.findings.accuracy_words import family
    from hotspot.findings.selected import select
    from hotspot.offences.store import EVERYTHING, Store

    result, settings = finding.result, finding.settings
    return {
        **provenance(select(Store(folder), finding.selection, scope=EVERYTHING)),
        "headline": finding.headline,
        "subline": finding.subline,
        "design": finding.design,
        "periods": [
            {
                "train": fold.train.iso,
                "judge": fold.judge.iso,
                "trained": output.whole(trained),
                "bandwidth": bandwidth,
            }
            for fold, trained, bandwidth in zip(finding.folds, finding.trained, finding.bandwidths, strict=True)
        ],
        "judged": output.whole(result.judged),
        "blocks": result.blocks,
        "block": "month" if finding.selection.date_basis == MONTH else "week",
        "resamples": settings.resamples,
        "seed": settings.seed,
        "kernel": settings.kernel,
        "cell_size": settings.cell_size,
        "units": finding.units,
        "area_km2": finding.area_km2,
        "tested_share": settings.area_share,
        "family": family(result),
        "interval": finding.no_interval or "95%",
        "reported_late": finding.reported_late,
        "off_the_map": finding.off_the_map,
        "rows": [asdict(row) for row in finding.rows],
        "notes": finding.notes,
    }


def _reasons(finding: AccuracyFinding) -> dict[tuple[str, str], str]:
    names = ("low", "high", "difference_low", "difference_high")
    undefined = {
        (name, "not a number"): "undefined: no offences were judged" for name in ("hit_rate", "pai", "pei", "difference")
    }
    why = undefined | dict.fromkeys(names, finding.no_interval)
    return {(name, "not a number"): reason for name, reason in why.items()}


def _lines(finding: AccuracyFinding, document: dict[str, Any]) -> list[str]:
    columns: output.Columns = {
        "method": str,
        "area_share": output.percent,
        "hit_rate": output.percent,
        "low": output.percent,
        "high": output.percent,
        "pai": output.number(2),
        "pei": output.number(3),
        "verdict": str,
    }
    rows = [{**row, "low": _known(row["low"]), "high": _known(row["high"]), "hit_rate": _known(row["hit_rate"])}
            for row in document["rows"]]  # fmt: skip
    return [
        *output.heading(document),
        finding.headline,
        finding.subline,
        finding.design,
        "",
        *output.table(rows, columns),
        "",
        document["family"],
    ]


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
