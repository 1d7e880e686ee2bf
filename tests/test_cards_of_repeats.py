"""Cards of the pages on repeats: zones with their map and end, and what stands where the data name no premises."""

import json
from datetime import date

import pytest
from series_store import SOURCE, contagious, row, stored
from small_store import FORCE
from street_files import row as street_row
from street_files import street_file

from hotspot.boundaries.force_file import load_force
from hotspot.errors import BadInput
from hotspot.export import card_near_repeat_zones, cards
from hotspot.findings.concentration import CELL, CELL_SIZE, concentration_job
from hotspot.findings.near_repeat_zones import decay_question, fitted_decay, zones_finding
from hotspot.maps.series_scene import short_day
from hotspot.offences.load import import_sources
from hotspot.offences.store import EVERYTHING, Store
from hotspot.paths import WEST_MIDLANDS
from hotspot.period import Period
from hotspot.selection import COMMITTED, MONTH, Selection


def quiet(share, words):
    return None


def content(store, page, chosen, **parameters):
    return cards.content(store.path, page, chosen.to_query() | parameters, scope=EVERYTHING, progress=quiet)


@pytest.fixture(scope="module")
def extract(tmp_path_factory):
    last = row("reference-last", (401_000, 291_000), "2024-09-30 23:00", Reported="2024-09-30 23:30", UPRN="premises-last")
    return stored(tmp_path_factory.mktemp("zones"), [*contagious(), last])


SEPTEMBER = Selection(SOURCE, FORCE, "Residential burglary", Period(date(2024, 9, 1), date(2024, 10, 1)), COMMITTED)


def test_a_near_repeats_card_has_the_zones_their_end_and_their_map(extract, monkeypatch):
    fitted = fitted_decay(extract.path, decay_question(extract, SEPTEMBER, scope=EVERYTHING), scope=EVERYTHING, progress=quiet)
    monkeypatch.setattr(card_near_repeat_zones, "fitted_decay", lambda *given, **options: fitted)  # fitted once
    card = content(extract, "near_repeats", SEPTEMBER)
    finding = zones_finding(extract, SEPTEMBER, fitted, scope=EVERYTHING)
    said = {one.name: one.value for one in card.figures}
    assert said["Near-repeat zones"] == finding.headline
    first = finding.zones[0]
    assert f"ends {short_day(first.expires)}; {first.offences} offences" in said[f"Zone 1, {first.name}"]
    assert len(json.loads(card.overlay)["hotspots"]) == len(finding.zones)
    assert card.query["threshold"] == "2" and finding.subline in " ".join(card.notes)
    assert len(card.table_rows) > 1  # the bands stay its table


def test_zones_are_on_no_card_for_the_public_and_another_threshold_is_refused(extract):
    card = content(extract, "near_repeats", SEPTEMBER, audience="public")
    assert card.overlay == "" and not any("Zone" in one.name for one in card.figures)
    assert "shown to the force alone" in " ".join(card.notes)
    with pytest.raises(BadInput, match="threshold '9"):
        content(extract, "near_repeats", SEPTEMBER, threshold="9")


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    folder = tmp_path_factory.mktemp("street")
    rows = [street_row(f"a{number:063d}") for number in range(30)]
    import_sources([street_file(folder, *rows)], store=folder / "store", forces=[load_force(WEST_MIDLANDS)])
    return Store(folder / "store")


def test_where_repeats_cannot_be_known_the_card_keeps_the_concentration_that_the_page_shows(street):
    ((source, force),) = street.data_sets
    chosen = Selection(source, force, "Burglary", Period(date(2014, 1, 1), date(2014, 2, 1)), MONTH)
    card = content(street, "repeat_victimisation", chosen)
    finding = concentration_job(street.path, chosen, CELL, CELL_SIZE, scope=EVERYTHING, progress=quiet)
    assert (card.headline, card.subline) == (finding.headline, finding.subline)
    assert card.notes[0].startswith("Repeat victimisation cannot be known from these data.")
    assert (card.query["of"], card.query["squares"]) == (CELL, "300")
    # All 30 lie on one point: the most offended hundredth of the cells holds all of them.
    assert card.table_rows[0][:2] == ("Most offended 1%", "100.0%") and card.picture.startswith(b"\x89PNG")
    public = content(street, "repeat_victimisation", chosen, audience="public")
    assert public.table_rows == () and public.picture == b""
