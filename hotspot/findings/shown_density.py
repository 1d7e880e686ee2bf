"""A density surface as partners or the public may see it: no colour where under five offences make it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hotspot.findings.audience import FORCE
from hotspot.findings.density import DensityFinding
from hotspot.findings.selected import SelectedOffences
from hotspot.methods.change_map import counts_within
from hotspot.methods.density import DensitySurface, equal_variance
from hotspot.methods.suppression import LEAST_SHOWN


def shown_surface(surface: DensitySurface, selected: SelectedOffences, *, audience: str) -> DensitySurface:
    """Give a surface whose cells are 0 where fewer than five offences lie within the kernel's radius.

    A single offence's hill has a known height and shape: where it stands alone, the map would tell its place and that it
    is one. Of a gaussian kernel the radius is that of the quartic kernel that smooths alike.
    """
    if audience == FORCE:
        return surface
    located = selected.located
    x, y = (located[axis].to_numpy(dtype=float) for axis in ("x", "y"))
    radius = equal_variance(surface.bandwidth, source=surface.kernel, target="quartic")
    near = counts_within(x, y, grid=surface.grid, radius=radius)
    return replace(surface, values=np.where(near >= LEAST_SHOWN, surface.values, 0.0))


def shown_density(finding: DensityFinding, *, audience: str) -> DensityFinding:
    """Give a density finding whose surface may be drawn for an audience."""
    if audience == FORCE:
        return finding
    return replace(finding, surface=shown_surface(finding.surface, finding.selected, audience=audience))
