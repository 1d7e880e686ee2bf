"""Dispersion: a table worked by hand, a slow fit that agrees, and simulated clustering that is found again."""

import csv
import math

import numpy as np
import pytest
from clustered_counts import clustered, with_season
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from hotspot.methods.dispersion import Dispersion, dispersion, dispersions, fitted

MONTHS = np.arange("2020-01", "2023-01", dtype="datetime64[M]")


def test_two_years_are_a_two_way_table_worked_by_hand():
    # 23 months of 30, but for one of 60: years 360 and 390, months of the year 60 each but for one of 90.
    counts = np.full(24, 30.0)
    counts[17] = 60.0
    equal_days = np.ones(24)
    year, month = np.arange(24) // 12, np.arange(24) % 12
    expected = fitted(counts[None, :], exposure=equal_days, groups=[year, month])[0]
    # Row total × column total / all, as in any two-way table.
    assert expected[0] == pytest.approx(360 * 60 / 750)
    assert expected[17] == pytest.approx(390 * 90 / 750)
    assert expected[5] == pytest.approx(360 * 90 / 750)
    pearson = ((counts - expected) ** 2 / expected).sum()
    # The same with the days of real months: 2021 and 2022 have the same ones, so the days go to the months of the year.
    found = dispersion(counts, months=np.arange("2021-01", "2023-01", dtype="datetime64[M]"))
    assert (found.months, found.freedom) == (24, 11)
    assert found.phi == pytest.approx(pearson / 11)


def test_a_series_that_follows_trend_and_season_exactly_has_no_dispersion():
    years, season = np.array([1.0, 1.5, 1.2]), 20 + 5 * np.cos(np.arange(12))
    days = (MONTHS + 1).astype("datetime64[D]") - MONTHS.astype("datetime64[D]")
    exact = (years[:, None] * season).ravel() * days.astype(float) / 30
    assert dispersion(exact, months=MONTHS).phi == pytest.approx(0, abs=1e-9)


@given(st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_the_fit_agrees_with_maximising_the_likelihood_directly(seed):
    random = np.random.default_rng(seed)
    counts = random.poisson(12, 30).astype(float) + 1
    exposure = random.uniform(28, 31, 30)
    groups = [np.arange(30)[::-1] // 12, np.arange(30) % 12, (np.arange(30) >= 24).astype(int) + 2 * (np.arange(30) % 29 == 14)]
    groups[2] = np.unique(groups[2], return_inverse=True)[1]
    design = np.hstack([labels[:, None] == np.arange(labels.max() + 1) for labels in groups]).astype(float)

    def loss(effects):
        log_mean = np.log(exposure) + design @ effects
        return (np.exp(log_mean) - counts * log_mean).sum()

    def slope(effects):
        return design.T @ (exposure * np.exp(design @ effects) - counts)

    best = minimize(loss, np.full(design.shape[1], -0.5), jac=slope, method="BFGS", options={"gtol": 1e-6})
    slow = exposure * np.exp(design @ best.x)
    np.testing.assert_allclose(fitted(counts[None, :], exposure=exposure, groups=groups)[0], slow, rtol=1e-4)


@pytest.mark.parametrize("length", [24, 30, 48])
@pytest.mark.parametrize("phi", [1, 2, 3])
def test_the_dispersion_that_was_simulated_is_found_whatever_trend_and_season(phi, length):
    random = np.random.default_rng(length + phi)
    counts = clustered(with_season(length), phi, (1_500, length), random)
    months = np.datetime64("2020-04", "M") + np.arange(length)
    found = dispersions(counts, months=months, compared=[(months[-3], months[-1] + 1)])
    # The standard error of the mean over 1,500 estimates, each about χ² over its degrees of freedom.
    spread = phi * math.sqrt(2 / found.freedom[0]) / math.sqrt(1_500)
    assert found.phi.mean() == pytest.approx(phi, abs=4 * spread + 0.04 * (phi - 1))
    covered = (found.low <= phi) & (phi <= found.high)
    assert 0.93 <= covered.mean() <= 0.98


def test_a_change_between_the_compared_periods_is_not_taken_for_clustering():
    random = np.random.default_rng(4)
    mean = np.full(30, 60.0)
    mean[24:] = 30.0
    months = np.datetime64("2022-04", "M") + np.arange(30)
    counts = random.poisson(mean, (800, 30))
    compared = [(months[24], months[29] + 1), (months[12], months[18])]
    assert dispersions(counts, months=months, compared=compared).phi.mean() == pytest.approx(1, abs=0.05)
    assert dispersions(counts, months=months).phi.mean() > 2


def test_sparse_counts_are_not_taken_for_clustered():
    random = np.random.default_rng(5)
    months = np.datetime64("2020-01", "M") + np.arange(36)
    found = dispersions(random.poisson(2, (2_000, 36)), months=months)
    assert np.nanmean(found.phi) == pytest.approx(1, abs=0.04)


def test_days_of_a_month_are_allowed_for():
    days = ((MONTHS + 1).astype("datetime64[D]") - MONTHS.astype("datetime64[D]")).astype(float)
    # 28 and 29 February: without the days the leap year's month would stand out.
    assert dispersion(1_000 * days, months=MONTHS).phi == pytest.approx(0, abs=1e-9)


def test_too_few_months_or_offences_are_not_known_and_said_so():
    short = dispersion(np.full(2, 300), months=MONTHS[:2])
    assert not short.is_known
    assert short.used == 1
    assert short.sentence == "Poisson interval; assumes no clustering: 2 months are too few to estimate it"
    rare = dispersion(np.eye(1, 36)[0] * 20, months=MONTHS)
    assert rare.reason == "under 1 offence a month is too few to estimate it"
    yearly = np.zeros(36)
    yearly[[3, 4, 15, 16, 27, 28]] = 50
    assert dispersion(yearly, months=MONTHS).reason == "too few months hold offences to estimate it"
    assert Dispersion(months=1).reason == "1 month is too few to estimate it"


def test_intervals_are_widened_above_one_point_two_alone():
    assert Dispersion(1.2, 0.9, 1.6, 48, 30).used == 1
    assert Dispersion(1.25, 0.9, 1.6, 48, 30).used == 1.25
    assert Dispersion(2.04, 1.26, 3.5, 48, 30).sentence == "φ 2.0 (1.3 to 3.5, 48 months)"


@given(st.integers(0, 1_000))
@settings(max_examples=20, deadline=None)
def test_areas_together_are_the_same_as_one_by_one_in_any_order(seed):
    random = np.random.default_rng(seed)
    counts = random.poisson(random.uniform(0.2, 30, 6)[:, None], (6, 36))
    together = dispersions(counts, months=MONTHS)
    turned = dispersions(counts[::-1], months=MONTHS)
    np.testing.assert_allclose(turned.phi[::-1], together.phi, rtol=1e-4)
    for area in range(6):
        alone = dispersion(counts[area], months=MONTHS)
        assert alone.phi == pytest.approx(together[area].phi, rel=1e-4, nan_ok=True)
        assert alone.freedom == together[area].freedom


def test_months_that_are_not_consecutive_are_refused():
    with pytest.raises(ValueError, match="consecutive months"):
        dispersion(np.ones(24), months=np.delete(MONTHS, 3)[:24])


def test_vehicle_thefts_of_a_real_city_vary_about_three_times_as_much_as_poisson_counts(shared_data):
    with (shared_data / "extracts" / "nyc_vehicle_thefts_2014_2017_fromto.csv").open(encoding="utf-8") as file:
        days = [row["date_single"][:7] for row in csv.DictReader(file)]
    months = np.arange("2014-01", "2018-01", dtype="datetime64[M]")
    counts = [days.count(str(month)) for month in months]
    found = dispersion(counts, months=months)
    assert sum(counts) == len(days)
    assert 2 < found.phi < 4.5
    assert found.low > 1.2
