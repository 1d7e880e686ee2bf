"""Zones of a store: what they are fitted to, what is not known on the day, where they are refused, and the command."""

import json
from datetime import date, timedelta

import pytest
import shapely
from series_store import SOURCE, contagious, row, stored
from small_store import EAST, FORCE, LPAS
from typer.testing import CliRunner

from hotspot.cli import app
from hotspot.errors import BadInput, NotKnowable
from hotspot.export.near_repeats import write_zones
from hotspot.findings import near_repeat_zones_words as words
from hotspot.findings.near_repeat_zones import decay_question, fitted_decay, zones_finding
from hotspot.offences.store import EVERYTHING
from hotspot.period import Period
from hotspot.selection import COMMITTED, Selection

END = date(2024, 10, 1)
SEPTEMBER = Period(date(2024, 9, 1), END)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    # The last day of the data is 30 September 2024, whatever was drawn.
    last = row("reference-last", (401_000, 291_000), "2024-09-30 23:00", Reported="2024-09-30 23:30", UPRN="premises-last")
    return stored(tmp_path_factory.mktemp("zones"), [*contagious(), last])


def selection(**limits):
    given = {"crime_type": "Residential burglary", "period": SEPTEMBER, "date_basis": COMMITTED} | limits
    return Selection(SOURCE, FORCE, **given)


def fit(store, as_at=None):
    question = decay_question(store, selection(), as_at, scope=EVERYTHING)
    return fitted_decay(store.path, question, scope=EVERYTHING, progress=lambda share, said: None)


@pytest.fixture(scope="module")
def fitted(store):
    return fit(store)


def find(store, fitted, *, threshold=2.0, **limits):
    return zones_finding(store, selection(**limits), fitted, threshold=threshold, scope=EVERYTHING)


def test_the_decay_is_fitted_to_two_years_and_holds_what_was_planted(fitted):
    assert fitted.period == Period(END - timedelta(days=730), END)
    assert fitted.premises_known
    assert fitted.decay.days.low <= 9 <= fitted.decay.days.high
    assert fitted.decay.metres.low <= 90 <= fitted.decay.metres.high


def test_zones_have_names_makers_and_an_end_after_the_day(store, fitted):
    finding = find(store, fitted)
    assert len(finding.zones) > 3
    assert [one.number for one in finding.zones] == list(range(1, len(finding.zones) + 1))
    for one in finding.zones:
        assert one.expires > END
        assert one.latest < END
        assert one.offences >= 1
        assert one.zone.peak >= 2.0
        assert one.lpa in LPAS
    assert finding.headline == f"{len(finding.zones)} places at twice the usual risk or more on 1 October 2024"
    assert "falls to 37% in" in finding.subline


def test_a_chosen_area_lists_its_own_zones_and_draws_them_the_same(store, fitted):
    everywhere, east = find(store, fitted), find(store, fitted, area=EAST)
    inside = [one for one in everywhere.zones if LPAS[EAST].contains(shapely.Point(one.zone.x, one.zone.y))]
    assert 0 < len(east.zones) < len(everywhere.zones)
    assert [one.zone.peak for one in east.zones] == [one.zone.peak for one in inside]
    assert [one.number for one in east.zones] == list(range(1, len(inside) + 1))


def test_the_period_of_the_selection_changes_nothing(store, fitted):
    other = find(store, fitted, period=Period(date(2023, 1, 1), date(2023, 2, 1)))
    assert len(other.zones) == len(find(store, fitted).zones)


def test_a_higher_threshold_draws_fewer_and_smaller_zones(store, fitted):
    assert find(store, fitted, threshold=4.0).found.area_km2 < find(store, fitted, threshold=1.5).found.area_km2
    none = find(store, fitted, threshold=100.0)
    assert none.zones == ()
    assert none.headline == "No place is at 100 times the usual risk on 1 October 2024"


def test_offences_reported_from_the_day_on_are_not_known(tmp_path):
    place = (401_000, 291_000)
    late = row("reference-late", place, "2024-09-28 10:00", Reported="2024-10-02 10:00", UPRN="premises-late")
    rows = [*contagious(count=1_500), late, row("reference-end", place, "2024-10-03 10:00", UPRN="premises-end")]
    finding = zones_finding(*_as_at(stored(tmp_path, rows), END), threshold=1.5, scope=EVERYTHING)
    assert all(one.latest < END for one in finding.zones)
    assert "reference-late" not in set(finding.selected.frame.get("offence_id", []))
    assert finding.selected.frame["committed_from"].max().date() < END
    assert not finding.selected.frame["reported"].eq("2024-10-02 10:00").any()


def _as_at(store, day):
    return store, selection(), fit(store, day)


def test_offences_that_do_not_follow_each_other_draw_no_zone(tmp_path):
    lone = stored(tmp_path, contagious(count=900, followers=0.0))
    finding = zones_finding(*_as_at(lone, None), scope=EVERYTHING)
    assert finding.found is None
    assert finding.headline == "No near-repeat zone can be drawn for this crime type"
    assert finding.subline == words.NO_EFFECT


def test_a_few_offences_draw_no_zone(tmp_path):
    few = [row(f"reference-{day}", (401_000, 291_000), f"20{22 + day % 3}-04-01 10:00") for day in range(4)]
    assert zones_finding(*_as_at(stored(tmp_path, few), None), scope=EVERYTHING).found is None


def test_another_crime_type_without_offences_is_a_sentence(store):
    question = decay_question(store, selection(crime_type="Robbery"), scope=EVERYTHING)
    with pytest.raises(NotKnowable, match="no two robbery offences"):
        fitted_decay(store.path, question, scope=EVERYTHING, progress=lambda share, said: None)


def test_less_than_a_year_of_data_is_refused(store):
    with pytest.raises(NotKnowable, match="the pairs of at least 365 days; the data hold 92 before 1 January 2023"):
        decay_question(store, selection(), date(2023, 1, 1), scope=EVERYTHING)


def test_a_day_beyond_the_data_and_a_threshold_that_means_nothing_are_refused(store, fitted):
    with pytest.raises(BadInput, match="The data end on 30 September 2024"):
        decay_question(store, selection(), date(2025, 1, 1), scope=EVERYTHING)
    for threshold in (1.0, 101.0):
        with pytest.raises(BadInput, match="multiple of the usual risk"):
            find(store, fitted, threshold=threshold)


def test_the_file_holds_the_zones_in_degrees_with_their_end_and_decay(store, fitted, tmp_path):
    finding = find(store, fitted)
    write_zones(finding, tmp_path / "zones.geojson")
    document = json.loads((tmp_path / "zones.geojson").read_text("utf-8"))
    assert len(document["features"]) == len(finding.zones)
    first = document["features"][0]
    assert first["properties"]["expires"] == finding.zones[0].expires.isoformat()
    longitude, latitude = shapely.geometry.shape(first["geometry"]).centroid.coords[0]
    assert (-2.1 < longitude < -1.8) and (52.4 < latitude < 52.6)
    assert document["properties"]["as_at"] == "2024-10-01"
    assert "(" in document["properties"]["decay_days"]
    assert "reference-" not in json.dumps(document)
    with pytest.raises(BadInput, match=r"Choose \.geojson"):
        write_zones(finding, tmp_path / "zones.csv")


def test_the_command_prints_zones_and_tells_the_public_none(store, fitted, tmp_path, monkeypatch):
    monkeypatch.setattr("hotspot.findings.near_repeat_zones.fitted_decay", lambda *given, **options: fitted)

    def run(*more):
        arguments = ("zones", "--store", store.path, "--crime-type", "residential burglary", "--threshold", 2.5, *more)
        return CliRunner().invoke(app, [str(one) for one in arguments])

    document = json.loads(run("--json", "--out", tmp_path / "zones.geojson").stdout)
    assert len(document["zones"]) == len(json.loads((tmp_path / "zones.geojson").read_text("utf-8"))["features"])
    assert document["decay"]["days"]["low"] < document["decay"]["days"]["value"] < document["decay"]["days"]["high"]
    public = json.loads(run("--json", "--audience", "public").stdout)
    assert (public["zones"], public["headline"]) == (None, "Near-repeat zones are for the force alone")
    assert run("--as-at", "2030-01-01").exit_code == 2
    assert "force alone" in run("--audience", "public", "--out", tmp_path / "zones.geojson").output
