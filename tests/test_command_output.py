"""What every command prints: headings that leave nothing out, tables whose columns say what they hold."""

import pytest

from hotspot.commands import output


def counted(**others):
    said = {
        "title": "Burglary",
        "count": 96,
        "synthetic": False,
        "source": "Extract",
        "force": "Testshire",
        "marking": "OFFICIAL",
    }
    return output.heading(said | others)[1]


@pytest.mark.parametrize(
    "without, unusable, said",
    [
        (44, 2, "96 offences; 44 without a location, 2 with a location unusable."),
        (44, 0, "96 offences; 44 without a location."),
        (0, 0, "96 offences; 0 without a location."),
        (None, None, "96 offences."),
    ],
)
def test_the_heading_counts_those_without_a_location_and_those_with_one_that_cannot_be_used(without, unusable, said):
    assert counted(without_location=without, location_unusable=unusable) == said


def test_a_column_is_headed_by_its_key_or_by_the_words_given_for_it():
    columns = {"area": str, "ratio": output.number(2)}
    lines = output.table([{"area": "Westley", "ratio": 1.5}], columns, heads={"ratio": "ratio per day"})
    assert lines == ["area     ratio per day", "Westley           1.50"]
