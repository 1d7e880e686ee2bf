"""``density`` and ``hotspots``: adaptive bandwidths, edge corrections and weights from the command line."""

import json

import numpy as np
import pytest
from small_store import offence, several, small_store
from typer.testing import CliRunner

from hotspot.cli import app
from hotspot.methods.density import adaptive_kernel_sum, kernel_sum

CSV = "crime_type,weight,valid_from,source\nResidential burglary,10,2020-04-01,Paper\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("cli-density")
    rows = several(6, "h", (401_050, 291_050)) + several(9, "s", (406_050, 292_050), kind="Business burglary")
    small_store(made, [*rows, offence("lone", (400_150, 293_850))])
    (made / "harm.csv").write_text(CSV)
    return made


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def document(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def asked(folder, command, *more):
    return command, "--store", folder / "store", "--crime-type", "burglary", "--bandwidth", 600, *more


def refused(*arguments):
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    return result.stderr


def test_each_edge_correction_is_named_and_the_older_option_still_holds(folder):
    found = {edge: document(*asked(folder, "density", "--edge", edge)) for edge in ("none", "uniform", "diggle")}
    assert [one["edge"] for one in found.values()] == ["none", "uniform", "diggle"]
    assert [one["edge_correction"] for one in found.values()] == [False, True, True]
    assert document(*asked(folder, "density"))["edge"] == "uniform"
    assert document(*asked(folder, "density", "--no-edge-correction")) == found["none"]
    assert "Diggle's edge correction" in run(*asked(folder, "density", "--edge", "DIGGLE")).stdout


def test_contradicting_and_unknown_corrections_are_refused(folder):
    assert "contradict each other" in refused(*asked(folder, "density", "--edge", "diggle", "--no-edge-correction"))
    assert "'half' is none of uniform, diggle, none" in refused(*asked(folder, "hotspots", "--edge", "half"))


@pytest.mark.parametrize("command", ["density", "hotspots"])
def test_adaptive_bandwidths_tell_their_range(folder, command):
    found = document(*asked(folder, command, "--adaptive", "--kernel", "epanechnikov"))
    assert found["adaptive"] and found["kernel"] == "epanechnikov"
    assert 200 <= found["narrowest_bandwidth"] < 600 < found["widest_bandwidth"] <= 1_800
    assert "narrowest_bandwidth" not in document(*asked(folder, command))
    assert "adaptive by Abramson's rule" in run(*asked(folder, command, "--adaptive")).stdout


def test_weights_rank_by_harm_and_say_their_table(folder):
    result = run(*asked(folder, "hotspots", "--weights", folder / "harm.csv", "--json"))
    found = json.loads(result.stdout)
    assert [(row["count"], row["harm"]) for row in found["hotspots"]] == [(6, 60)]
    harm = found["harm"]
    assert (harm["table"], harm["valid_from"], harm["file"], harm["total"]) == ("harm", "2020-04-01", "harm.csv", 70)
    assert harm["without_weight"] == {"Business and community burglary": 9}
    assert "9 offences have no weight" in result.stderr
    assert "Weighted by harm: harm, valid from 1 April 2020 (Paper)." in run(
        *asked(folder, "density", "--weights", folder / "harm.csv")
    ).stdout  # fmt: skip


def test_the_public_is_not_told_how_many_have_no_weight(folder):
    result = run(*asked(folder, "hotspots", "--weights", folder / "harm.csv", "--audience", "public", "--json"))
    found = json.loads(result.stdout)
    assert found["count"] == 16
    assert found["harm"] == {**found["harm"], "without_weight": None, "total": 70, "held": 60}
    assert "give a count under 5 away" in found["harm"]["reasons"]["without_weight"]
    assert "9 offences" not in result.stdout + result.stderr


def test_a_table_that_cannot_be_used_is_refused(folder, tmp_path):
    (tmp_path / "drugs.csv").write_text(CSV.replace("Residential burglary", "Drugs"))
    assert "no weight for any of these" in refused(*asked(folder, "density", "--weights", tmp_path / "drugs.csv"))
    assert "cannot be read" in refused(*asked(folder, "density", "--weights", tmp_path / "gone.csv"))


@pytest.fixture
def points(tmp_path):
    (tmp_path / "points.csv").write_text(
        "x,y,crime_type,date\n1,1,Residential burglary,2024-01-01\n2,1.5,28A,2024-01-01\n2.5,3,Residential burglary,2024-01-01\n"
    )
    (tmp_path / "at.csv").write_text("x,y\n2.5,2.5\n1,1\n")
    return "density", "--points", tmp_path / "points.csv", "--at", tmp_path / "at.csv", "--bandwidth", 3


X, Y = np.array([1, 2, 2.5]), np.array([1, 1.5, 3])
AT = {"at_x": np.array([2.5, 1]), "at_y": np.array([2.5, 1]), "bandwidth": 3}


def test_points_take_every_kernel_adaptive_or_not(points):
    for kernel in ("quartic", "gaussian", "epanechnikov"):
        assert document(*points, "--kernel", kernel)["values"] == pytest.approx(kernel_sum(X, Y, **AT, kernel=kernel))
        expected = adaptive_kernel_sum(X, Y, **AT, kernel=kernel)
        assert document(*points, "--kernel", kernel, "--adaptive")["values"] == pytest.approx(expected)


def test_points_are_weighed_by_their_type_and_date(points, folder, tmp_path):
    (tmp_path / "harm.csv").write_text(CSV + "28A,3,2020-04-01,Paper\n")
    expected = kernel_sum(X, Y, **AT, kernel="quartic", weight=np.array([10.0, 3, 10]))
    assert document(*points, "--weights", tmp_path / "harm.csv")["values"] == pytest.approx(expected)
    assert "has no weight for: 28A" in refused(*points, "--weights", folder / "harm.csv")


def test_points_have_no_limit_to_correct_at(points):
    assert document(*points, "--edge", "none") == document(*points)
    assert "--edge, which needs the limit of the data, goes with --store" in refused(*points, "--edge", "diggle")
