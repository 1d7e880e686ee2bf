"""What the server loads before its first visitor."""

import json
import subprocess
import sys

from hotspot import paths

ASKED = """
import json, os, sys
from hotspot.ui import ready
ready.load()
import pyarrow
print(json.dumps([sorted(sys.modules), pyarrow.default_memory_pool().backend_name]))
"""


def test_libraries_are_loaded_and_nothing_that_declares_a_component(tmp_path):
    told = subprocess.run(
        [sys.executable, "-c", ASKED],
        cwd=paths.ROOT,
        env={"HOTSPOT_STORE": str(tmp_path / "none")},
        capture_output=True,
        check=True,
    )
    loaded, pool = json.loads(told.stdout)
    assert {"folium", "altair", "hotspot.ui.page", "hotspot.maps.folium_map"} <= set(loaded)
    assert not {"streamlit_folium", "hotspot.ui.vendor", "hotspot.ui.maps"} & set(loaded)
    assert pool == "system"
