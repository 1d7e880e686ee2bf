"""What is planted in the demonstration data is found again: changes, outcome rates, shares, files filed too soon."""

from datetime import date

import pytest

from hotspot.boundaries.force_file import load_force
from hotspot.findings.investigation import investigation_finding
from hotspot.findings.performance import BoardSettings, performance_finding
from hotspot.methods.outcomes import COHORT, cohort_rate
from hotspot.offences.demo import generate, write_extract
from hotspot.offences.demo.extract import MAPPING
from hotspot.offences.load import import_sources
from hotspot.offences.store import EVERYTHING, Store
from hotspot.paths import WEST_MIDLANDS
from hotspot.period import Period
from hotspot.selection import Selection

SCALE = 0.12
# A 95 % interval misses one in twenty: of nine kinds one may.
MISSED = 1


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    made = generate(scale=SCALE)
    file = write_extract(made, folder / "extract.parquet")
    import_sources(
        [file], store=folder / "store", mapping=MAPPING, forces=(load_force(WEST_MIDLANDS),), source="Demo", synthetic=True,
        today=date(2026, 1, 1),
    )  # fmt: skip
    return Store(folder / "store"), made.parameters


def find(demo, denominator="assigned"):
    selection = Selection("Demo", "West Midlands", "All acquisitive", Period.parse("2024-04-01..2024-10-01"))
    return performance_finding(demo[0], selection, BoardSettings(denominator=denominator), scope=EVERYTHING)


@pytest.fixture(scope="module")
def assigned(demo):
    return find(demo)


def test_planted_changes_lie_within_their_intervals(demo, assigned):
    assert (assigned.period, assigned.baseline) == (demo[1].year_to_date, demo[1].baseline)
    rows = {row.line.name: row.change for row in assigned.force}
    outside = [k.name for k in demo[1].types if not rows[k.name].ratio_low <= 1 + k.change <= rows[k.name].ratio_high]
    assert len(outside) <= MISSED, outside
    for planted in demo[1].lpa_changes:
        group = {"Walsall": "Vehicle crime", "Coventry": "Residential burglary", "Birmingham": "Robbery"}[planted.lpa]
        change = next(row.change for row in assigned.areas[group] if row.area == planted.lpa)
        assert change.ratio_low <= 1 + planted.change <= change.ratio_high, planted.lpa


@pytest.mark.parametrize(("name", "before", "now"), [("All acquisitive", 0.049, 0.07), ("Robbery", 0.093, 0.13)])
def test_assigned_rates_are_those_of_the_board_paper(assigned, name, before, now):
    row = next(row for row in assigned.force if row.line.name == name)
    assert row.baseline_rate.low <= before <= row.baseline_rate.high
    assert row.rate.low <= now <= row.rate.high


def test_mature_months_of_a_cohort_show_the_planted_rate_and_immature_ones_are_greyed(demo):
    finding = find(demo, COHORT)
    # Gamma of shape 1.3 and mean 45 days: nine in ten within about 97 days.
    assert 85 <= finding.maturity.days <= 110
    assert [one.month.month for one in finding.months if one.is_immature] == [6, 7, 8, 9]
    mature = [one.rate for one in finding.months if one.month < date(2023, 10, 1)]
    together = cohort_rate(sum(one.outcomes for one in mature), sum(one.offences for one in mature))
    kinds = [kind for kind in demo[1].types if kind.name != "Shoplifting"]
    planted = sum(kind.offences * kind.outcomes[0] for kind in kinds) / sum(kind.offences for kind in kinds)
    assert together.low <= planted <= together.high


def test_shares_of_robbery_and_vehicle_crime_are_those_planted(demo, assigned):
    ages, knives = assigned.shares[""]
    personal = demo[1].particulars["knife_personal"]
    assert ages.now.low <= demo[1].particulars["robbery_victims_under_25"] <= ages.now.high
    assert knives.now.low <= personal + 0.11 * 800 / 6800 <= knives.now.high
    total = sum(kind.offences for kind in demo[1].types if kind.name in {name for name, _, _ in assigned.split})
    for name, now, _ in assigned.split:
        assert now.low <= demo[1].type_named(name).offences / total <= now.high


def test_files_filed_while_cctv_was_awaited_are_found_at_the_planted_share(demo):
    selection = Selection("Demo", "West Midlands", "Robbery", Period.parse("2022-04-01..2024-04-01"), date_basis="reported")
    finding = investigation_finding(demo[0], selection, scope=EVERYTHING)
    assert finding.total.awaited.low <= demo[1].handling["filed_while_awaited"] <= finding.total.awaited.high
    assert finding.total.awaited.of > 800
    # Duty desks allot files without regard to series.
    assert finding.total.chains.several > 0.9 * finding.total.chains.of > 0
