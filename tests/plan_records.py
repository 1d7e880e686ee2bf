"""Plans for the tests of records, scenes, exports and commands."""

from __future__ import annotations

from datetime import date, datetime

import shapely

from hotspot.records.plan_drafts import HOTSPOT, Action, Draft, FrozenArea

NOW, TODAY = datetime(2026, 11, 23, 9, 0), date(2026, 11, 23)
AREA = FrozenArea(
    kind=HOTSPOT,
    name="Westley, around High Street",
    geometry=shapely.to_geojson(shapely.box(402_000, 292_000, 402_500, 292_250)),
    crs="EPSG:27700",
    force="Testshire",
    source="Extract",
    synthetic=False,
    page="density",
    query="source=Extract&force=Testshire&type=Burglary&from=2024-04-01&to=2024-10-01",
    rank=1,
    fingerprint="abc123",
)


def draft(title: str = "High Street burglary", *actions: Action, lpa: str = "Westley", status: str = "open") -> Draft:
    return Draft(title, lpa, "Burglary", status, actions)


def action(
    text: str = "Visit repeat victims", *, group: str = "Protect", owner: str = "Neighbourhood sergeant", **more
) -> Action:
    return Action(more.pop("number", 0), group, text, owner, **more)
