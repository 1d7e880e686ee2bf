"""Write a back-test to the file an analyst keeps."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pandas as pd

from hotspot.export.files import provenance
from hotspot.findings.accuracy import AccuracyFinding
from hotspot.findings.accuracy_words import shown_rows
from hotspot.findings.audience import FORCE
from hotspot.findings.selected import SelectedOffences
from hotspot.formulas import safe


def write_accuracy(finding: AccuracyFinding, selected: SelectedOffences, audience: str, path: Path) -> None:
    """Write a row for each method and share as .csv, those of small counts left out where the audience calls for it."""
    rows = pd.DataFrame([asdict(row) for row in shown_rows(finding.rows, audience=audience)])
    settings = finding.settings
    said = {
        "design": finding.design,
        "interval": finding.no_interval or "95%, whole weeks or months resampled",
        "tested_share": f"{settings.area_share:g}",
        "cell_size": f"{settings.cell_size:g}",
        "seed": str(settings.seed),
    }
    counted = provenance(selected)
    if audience != FORCE:
        counted = {name: value for name, value in counted.items() if name not in {"offences_used", "without_location"}}
    safe(rows.assign(**said, **counted)).to_csv(path, index=False)
