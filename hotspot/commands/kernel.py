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
NoEdgeCorrection = Annotated[
    bool, typer.Option("--no-edge-correction", help="Do not correct for the kernel's mass beyond the limit of the data.")
]


@dataclass(frozen=True)
class KernelOptions:
    """The options of a kernel as they were given."""

    bandwidth: float | None
    """Metres; None: to be suggested."""
    cell_size: float
    """Metres."""
    kernel: str
    edge_correction: bool
    area_share: float = 0.01


def find_density(
    folder: Path, choice: Choice, options: KernelOptions, *, start: str | None, end: str | None
) -> tuple[DensityFinding, str]:
    """Compute what the options mean; give it with the rule of the bandwidth."""
    from hotspot.findings.density import density_finding
    from hotspot.findings.selected import select
    from hotspot.offences.store import EVERYTHING

    opened = open_store(folder)
    selected = select(opened, select_options(opened, choice, start=start, end=end), scope=EVERYTHING)
    settings, rule = _settings(selected, options)
    return density_finding(selected, settings), rule


def _settings(selected: SelectedOffences, options: KernelOptions) -> tuple[DensitySettings, str]:
    """Give the settings, and the rule of the bandwidth where it was suggested."""
    from hotspot.findings.density import DensitySettings

    kernel = options.kernel.strip().lower()
    for name, value in (("--bandwidth", options.bandwidth), ("--cell-size", options.cell_size)):
        if value is not None and (not math.isfinite(value) or value > WIDEST):
            raise BadInput(f"{name} {value:g} is no number of metres up to {WIDEST:,.0f}.")
    bandwidth, rule = (options.bandwidth, "as given") if options.bandwidth is not None else _suggested(selected, kernel)
    settings = DensitySettings(
        bandwidth=bandwidth,
        cell_size=options.cell_size,
        kernel=kernel,
        edge_correction=options.edge_correction,
        area_share=options.area_share,
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
    """List the kernel's settings."""
    settings = finding.settings
    return {
        "kernel": settings.kernel,
        "bandwidth": settings.bandwidth,
        "bandwidth_rule": rule,
        "cell_size": settings.cell_size,
        "edge_correction": finding.surface.edge_corrected,
    }


def heading(document: dict[str, Any]) -> list[str]:
    """Say what was counted and how."""
    edge = "with edge correction" if document["edge_correction"] else "without edge correction"
    return [
        *output.heading(document),
        f"{document['kernel'].capitalize()} kernel, bandwidth {document['bandwidth']:,.0f} m ({document['bandwidth_rule']}).",
        f"Cells of {document['cell_size']:g} m, {edge}.",
    ]
