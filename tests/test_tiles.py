"""Map tiles: none unless an administrator set them; a folder is served from this machine."""

import pytest

from hotspot.errors import BadInput
from hotspot.geography import Force
from hotspot.ui.vendor import tiles_url


def test_without_a_setting_no_tile_is_asked_for():
    assert tiles_url(Force("Testshire")) == ""


def test_an_address_is_used_as_it_is():
    address = "https://tiles.force.example/{z}/{x}/{y}.png"
    assert tiles_url(Force("Testshire", tiles_url=address)) == address


def test_a_folder_is_served_from_this_machine(tmp_path):
    served = tiles_url(Force("Testshire", tiles_url=str(tmp_path)))
    assert served.startswith("../") and served.endswith("/{z}/{x}/{y}.png") and "://" not in served
    assert served == tiles_url(Force("Othershire", tiles_url=str(tmp_path)))


@pytest.mark.parametrize("folder", ["tiles", "/nowhere/at/all"])
def test_a_folder_that_is_not_there_is_said_in_a_sentence(folder):
    with pytest.raises(BadInput, match="full path of a folder with tiles"):
        tiles_url(Force("Testshire", tiles_url=folder))
