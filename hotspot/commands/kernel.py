"""What ``density`` and ``hotspots`` share: the kernel's options, and the finding they ask for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output
from hotspot.commands.options import Choice, open_store, select_options
from hotspot.errors import BadInput

if TYPE_CHECKING:
    from hotspot.findings.density import DensityFinding, DensitySettings
    from hotspot.findings.selected import SelectedOffences

WIDEST = 50_000.0
"""Metres: a bandwidth or cell beyond this is a slip of the keyboard, and its grid would fill the memory."""
CellSize = Annotated[float, typer.Option("--cell-size", help="Metres.", metavar="M")]
Edge = Annotated[
    str | None,
    typer.Option("--edge", help="Correction at the limit of the data; left out, uniform.", metavar="none|uniform|diggle"),
]
NoEdgeCorrection = Annotated[bool, typer.Option("--no-edge-correction", help="The same as --edge none.")]
Adaptive = Annotated[
    bool, typer.Option("--adaptive", help="Bandwidths narrow where offences are dense, wide where they are sparse (Abramson).")
]
Weights = Annotated[
    Path | None,
    typer.Option(
        "--weights",
        help="Table of harm weights: a CSV or TOML with crime_type, weight, valid_from and source.",
        metavar="FILE",
    ),
]


@dataclass(frozen=True)
class KernelOptions:
    """The options of a kernel as they were given."""

    bandwidth: float | None
    """Metres; None: to be suggested."""
    cell_size: float
    """Metres."""
    kernel: str
    edge: str
    """As ``edge_of`` reads it."""
    area_share: float = 0.01
    adaptive: bool = False
    weights: Path | None = None


def edge_of(edge: str | None, *, no_edge_correction: bool) -> str:
    """Read the two options of edge correction.

    Raises
    ------
    BadInput
        If they contradict each other, or there is no such correction.
    """
    from hotspot.methods.density import EDGES, NONE, UNIFORM

    wanted = NONE if no_edge_correction else UNIFORM if edge is None else edge.strip().lower()
    if wanted not in EDGES:
        raise BadInput(f"--edge '{edge}' is none of {', '.join(EDGES)}.")
    if no_edge_correction and edge is not None and edge.strip().lower() != NONE:
        raise BadInput(f"--edge {edge} and --no-edge-correction contradict each other. Leave one out.")
    return wanted


def find_density(
    folder: Path, choice: Choice, options: KernelOptions, *, start: str | None, end: str | None
) -> tuple[DensityFinding, str]:
    """Compute what the options mean; give it with the rule of the bandwidth."""
    from hotspot.findings.density import density_finding
    from hotspot.findings.harm import COLUMNS
    from hotspot.findings.selected import select
    from hotspot.offences.store import EVERYTHING

    opened = open_store(folder)
    selection = select_options(opened, choice, start=start, end=end)
    selected = select(opened, selection, scope=EVERYTHING, extra_columns=COLUMNS if options.weights is not None else ())
    settings, rule = _settings(selected, options)
    return density_finding(selected, settings), rule


def _settings(selected: SelectedOffences, options: KernelOptions) -> tuple[DensitySettings, str]:
    """Give the settings, and the rule of the bandwidth where it was suggested."""
    from hotspot.findings.density import DensitySettings
    from hotspot.offences.weights import read_table

    kernel = options.kernel.strip().lower()
    for name, value in (("--bandwidth", options.bandwidth), ("--cell-size", options.cell_size)):
        if value is not None and (not math.isfinite(value) or value > WIDEST):
            raise BadInput(f"{name} {value:g} is no number of metres up to {WIDEST:,.0f}.")
    bandwidth, rule = (options.bandwidth, "as given") if options.bandwidth is not None else _suggested(selected, kernel)
    settings = DensitySettings(
        bandwidth=bandwidth,
        cell_size=options.cell_size,
        kernel=kernel,
        edge_correction=options.edge,
        area_share=options.area_share,
        adaptive=options.adaptive,
        weights=read_table(options.weights) if options.weights is not None else None,
    )
    return settings, rule


def _suggested(selected: SelectedOffences, kernel: str) -> tuple[float, str]:
    """Suggest a bandwidth as the Density page does, in the kernel's own measure."""
    from hotspot.methods.density import QUARTIC, equal_variance, suggested_bandwidth

    located = selected.located_inside
    suggestion = suggested_bandwidth(
        located["x"].to_numpy(dtype=float),
        located["y"].to_numpy(dtype=float),
        snapped=selected.facts.location_precision == "snapped",
    )
    width = equal_variance(suggestion.bandwidth, source=QUARTIC, target=kernel)
    return width, f"suggested as a quartic radius of {suggestion.sentence.rstrip('.')}"


def settings_document(finding: DensityFinding, rule: str) -> dict[str, Any]:
    """List the kernel's settings; those of adaptive bandwidths and of weights where there are any."""
    settings, surface = finding.settings, finding.surface
    document: dict[str, Any] = {
        "kernel": settings.kernel,
        "bandwidth": settings.bandwidth,
        "bandwidth_rule": rule,
        "adaptive": settings.adaptive,
        "cell_size": settings.cell_size,
        "edge_correction": surface.edge_corrected,
        "edge": surface.edge,
    }
    if settings.adaptive:
        document |= {"narrowest_bandwidth": surface.narrowest, "widest_bandwidth": surface.widest}
    return document | ({"harm": harm_document(finding)} if finding.harm is not None else {})


def harm_document(finding: DensityFinding) -> dict[str, Any]:
    """Say which table of weights was used, and what had none."""
    assert finding.harm is not None
    table = finding.harm.table
    return {
        "table": table.name,
        "valid_from": table.valid_from,
        "file": table.file,
        "sha256": table.sha256,
        "source": table.sources,
        "total": finding.ranking.harm_total,
        "held": finding.ranking.harm_held,
        "without_weight": finding.harm.without_weight,
    }


def heading(document: dict[str, Any], finding: DensityFinding) -> list[str]:
    """Say what was counted and how."""
    from hotspot.findings.density import method_words

    words = method_words(finding.surface, weights=finding.settings.weights)
    return [*output.heading(document), f"Bandwidth {document['bandwidth']:,.0f} m: {document['bandwidth_rule']}.", words]
