"""HTML and script in every text column of the data: whatever draws or writes them takes them for text."""

from __future__ import annotations

import csv
import html
import json
from datetime import date, timedelta

import pytest
import shapely
from small_store import EAST, IN_WEST, LPAS, WEST, force_file
from streamlit.testing.v1 import AppTest
from test_briefing import briefing, card

from hotspot.boundaries.context import ContextLayer
from hotspot.boundaries.force_file import load_force
from hotspot.boundaries.places import Place
from hotspot.commands.options import Choice, select_options
from hotspot.export.briefing import written
from hotspot.export.files import write_hotspots
from hotspot.export.jupyter import notebook_json
from hotspot.findings.density import DensitySettings, density_finding
from hotspot.findings.selected import select
from hotspot.maps.context import shapes_of
from hotspot.maps.folium_map import base_payload, overlay_payload, safe_payload
from hotspot.maps.legend import DensityLegend, context_legend
from hotspot.maps.scene import Badge, Outline, Scene
from hotspot.maps.still import picture
from hotspot.offences.load import import_sources
from hotspot.offences.mapping import TEXTS
from hotspot.offences.store import EVERYTHING, Store
from hotspot.paths import ROOT

EVIL = "</script><img src=x onerror=alert(1)>![p](http://evil.example/p) $x^2$ {{7*7}} 'q\"&"
PAGE = "import runpy\nfrom hotspot.ui import links\nlinks.begin_page('{stem}')\nrunpy.run_path('{path}')\n"
SHOWN = ("repeats/series.py", "repeats/repeat_victimisation.py", "assurance/investigation.py", "explore/density.py")
"""Pages that show texts which police.uk's files, and so the browser tests of hostile names, do not have."""


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """Thirty burglaries round one place, every text column of which carries a script."""
    folder = tmp_path_factory.mktemp("markup")
    texts = [name for name in TEXTS if name not in ("offence_id", "lpa")]
    days = [(date(2024, 1, 1) + timedelta(n)).isoformat() for n in range(30)]
    rows = [[f"{EVIL} {n}", day, 402_000 + n, 292_000, *(f"{EVIL} {name}" for name in texts)] for n, day in enumerate(days)]
    with (folder / "given.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["offence_id", "committed_from", "x", "y", *texts], *rows])
    columns = "".join(f'{name} = "{name}"\n' for name in ["offence_id", "committed_from", "x", "y", *texts])
    toml = f'name = {json.dumps(EVIL)}\ncrime_type = "Residential burglary"\ncrs = "EPSG:27700"\n[columns]\n{columns}'
    (folder / "mapping.toml").write_text(toml, "utf-8")
    force = load_force(force_file(folder / "force", {EVIL: LPAS[WEST], EAST: LPAS[EAST]}))
    given = {"mapping": folder / "mapping.toml", "forces": [force], "today": date(2026, 1, 1)}
    import_sources([folder / "given.csv"], store=folder / "store", **given)
    return Store(folder / "store")


@pytest.mark.parametrize("file", SHOWN)
def test_a_page_draws_no_markup_of_the_data(store, monkeypatch, file):
    monkeypatch.setenv("HOTSPOT_STORE", str(store.path))
    path = ROOT / "pages" / file
    page = AppTest.from_string(PAGE.format(stem=path.stem, path=path), default_timeout=60)
    page.query_params["type"], page.query_params["from"], page.query_params["to"] = "Burglary", "2024-01-01", "2024-02-01"
    page.run()
    assert not page.exception
    drawn = " ".join(element.proto.body for element in page.get("html"))
    assert "30 " in drawn and "<img" not in drawn and "<script" not in drawn
    assert html.escape("<img src=x onerror=alert(1)>") in drawn
    widgets = [element for kind in ("button", "selectbox", "multiselect", "toggle") for element in getattr(page, kind)]
    assert not [one for one in widgets if "](" in f"{one.label}{one.help}".replace("\\]\\(", "")]


def scene() -> Scene:
    layer = ContextLayer(EVIL, shapely.points([401_000.0], [292_000.0]), "EPSG:27700", fingerprint="f", file=EVIL)
    return Scene(
        crs="EPSG:27700",
        areas=tuple(Outline(f"{EVIL} {name}", shape) for name, shape in LPAS.items()),
        places=(Place(EVIL, WEST, *IN_WEST, 1),),
        hotspots=(Badge(1, shapely.Point(IN_WEST).buffer(300), EVIL, *IN_WEST, count=9, caption=EVIL),),
        layers=(shapes_of(layer, 0),),
        badge_word=EVIL,
    )


def test_a_map_on_screen_gets_its_names_as_data_that_cannot_leave_their_script():
    for payload in (safe_payload(base_payload(scene())), safe_payload(overlay_payload(scene(), caption=EVIL))):
        assert "evil" in payload and not set("<>&") & set(payload)
        assert EVIL in json.dumps(json.loads(payload), ensure_ascii=False).replace('\\"', '"')
    assert "<img" not in context_legend(scene().layers)


def test_a_still_picture_draws_names_with_formulae_and_markup_as_letters():
    def drawn(name: str) -> bytes:
        said = {"title": name, "subline": name, "marking": name, "licence": name, "footer": name}
        return picture(scene(), width=500, height=320, legend=DensityLegend((1.0, 2.0), name), synthetic=False, **said)

    assert drawn("$x_{$ \\frac{1}{2}") != drawn("plain")


def test_files_for_other_programs_hold_the_names_as_they_are_in_sound_json(store, tmp_path):
    chosen = select_options(store, Choice("burglary"), start=None, end=None)
    finding = density_finding(select(store, chosen, scope=EVERYTHING), DensitySettings(bandwidth=500.0, cell_size=100.0))
    write_hotspots(finding, tmp_path / "hotspots.geojson")
    document = json.loads((tmp_path / "hotspots.geojson").read_text("utf-8"))
    assert EVIL in document["features"][0]["properties"]["name"] and document["properties"]["source"] == EVIL


def test_a_jupyter_notebook_has_no_markup_and_no_picture_of_another_computer():
    words = {name: EVIL for name in ("kicker", "headline", "subline", "sentence", "licence", "source", "marking")}
    made = json.loads(notebook_json(EVIL, [card(**words, query={"area": EVIL})], notes=[EVIL], folder=ROOT))
    for cell in made["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            assert "<" not in text and "](" not in text.replace("\\](", "") and "![" not in text.replace("\\![", "")
        else:
            compile(text, "cell", "exec")


@pytest.mark.parametrize("ending", [".html", ".pptx", ".pdf"])
def test_a_briefing_of_hostile_names_is_written_and_its_page_runs_nothing(ending):
    rows = tuple((f"{EVIL}\x07 {n}", "1") for n in range(3))
    base, overlay = base_payload(scene()), overlay_payload(scene())
    one = card(kicker=EVIL, headline=EVIL, table_rows=rows, table_head=("A", "B"), base_map=base, overlay=overlay)
    made = written(briefing(one, title=EVIL), ending)
    assert len(made) > 1000
    if ending == ".html":
        text = made.decode()
        assert "<img src=x" not in text and text.count("<script") == text.count("</script>")
