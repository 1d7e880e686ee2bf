"""The area of a plan stays as it was when the plan was made, whatever becomes of the hotspot that it came from."""

from dataclasses import replace

import shapely
from small_store import WEST, selection, several, small_store

from hotspot.findings.density import DensitySettings, density_finding
from hotspot.findings.selected import select
from hotspot.maps.plans_scene import shape_of
from hotspot.offences.store import EVERYTHING
from hotspot.records import plans
from hotspot.records.database import open_database
from tests.plan_records import AREA, NOW, TODAY, action, draft

WIDE, NARROW = (DensitySettings(bandwidth=width, cell_size=100) for width in (600, 300))
BEFORE = several(12, "a", (401_050, 291_050)) + several(3, "c", (403_050, 293_050))
AFTER = BEFORE + several(40, "b", (402_850, 292_850))


def first_hotspot(store, settings):
    finding = density_finding(select(store, selection(area=WEST), scope=EVERYTHING), settings)
    return finding.ranking.hotspots[0].geometry


def test_new_data_another_bandwidth_and_further_changes_of_the_plan_leave_its_area_as_it_was(tmp_path):
    store = small_store(tmp_path, BEFORE)
    was = first_hotspot(store, WIDE)
    database = open_database(f"sqlite:///{tmp_path}/records.sqlite")
    area = replace(AREA, geometry=shapely.to_geojson(was), fingerprint=store.fingerprint)
    made = plans.create(database, draft("High Street", action()), area, who="A", now=NOW)

    newer = small_store(tmp_path, AFTER)
    assert newer.fingerprint != area.fingerprint
    assert not first_hotspot(newer, WIDE).equals(was)
    assert not first_hotspot(newer, NARROW).equals(was)
    moved = replace(made.draft, title="Another title", lpa="Eastley", crime_type="Robbery", status="closed")
    plans.save(database, made.number, moved, revision=1, who="B", now=NOW)

    (kept,) = plans.plans(database, today=TODAY)
    assert kept.area == area
    assert shape_of(kept.area, crs="EPSG:27700").equals_exact(was, tolerance=0)
    database.engine.dispose()
