"""The executable Jupyter notebook and the commands: the same figures as the card, on the same data and on newer."""

import json
import shutil
from datetime import datetime

import nbformat
import pytest
from nbclient import NotebookClient
from small_store import BEFORE, EAST, IN_EAST, IN_WEST, WEST, selection, several, small_store
from typer.testing import CliRunner

from hotspot import paths
from hotspot.cli import app
from hotspot.export import cards
from hotspot.export.jupyter import notebook_json, plain
from hotspot.offences.store import EVERYTHING, Store
from hotspot.records import notebooks
from hotspot.records.database import open_database

NOW = datetime(2026, 11, 23, 9, 0)
ROWS = [
    *several(30, "w24-", IN_WEST, "2024-05-01 12:00"),
    *several(52, "w23-", IN_WEST, "2023-05-01 12:00"),
    *several(25, "e24-", IN_EAST, "2024-06-03 22:00"),
    *several(24, "e23-", IN_EAST, "2023-06-05 22:00"),
]
QUOTED = 'It\'s "worse" in <Westley>\nand \\ so on'


def content(store, page, **parameters):
    query = selection().to_query() | parameters
    return cards.content(store.path, page, query, scope=EVERYTHING, progress=lambda share, words: None)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a store, and a notebook of two cards beside it."""
    folder = tmp_path_factory.mktemp("made")
    store = small_store(folder, ROWS, synthetic=True)
    database = open_database(paths.records_url(store.path))
    for page, parameters in (("compare", {"against": BEFORE.iso}), ("when", {})):
        notebooks.pin(database, "Weekly", cards.to_record(content(store, page, **parameters)), note=QUOTED, now=NOW)
    database.engine.dispose()  # the last connection writes the log into the file
    return folder


@pytest.fixture
def kept(made, tmp_path):
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    yield Store(tmp_path / "store")
    open_database(paths.records_url(tmp_path / "store")).engine.dispose()


def run(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def document(*arguments):
    return json.loads(run(*arguments, "--json"))


def pinned_cards(store):
    return [cards.from_record(one.record) for one in notebooks.cards(open_database(paths.records_url(store.path)), "Weekly")]


def test_the_executed_jupyter_notebook_gives_the_same_figures_as_the_cards(kept, tmp_path):
    out = tmp_path / "weekly.ipynb"
    run("notebook", "export", "weekly", "--store", kept.path, "--out", out)
    notebook = nbformat.read(out, as_version=4)
    nbformat.validate(notebook)
    proof = (
        "import json\nprint(json.dumps([{'figures': [[f.name, f.value] for f in c.figures], 'rows': c.table_rows, "
        "'headline': c.headline} for c in (card_1, card_2)]))"
    )
    notebook.cells.append(nbformat.v4.new_code_cell(proof))
    done = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(paths.ROOT)}}).execute()
    printed = "".join(output.get("text", "") for cell in done.cells for output in cell.get("outputs", ()))
    assert printed.count("Same figures as when it was pinned.") == 2
    pinned = pinned_cards(kept)
    computed = json.loads(done.cells[-1].outputs[0]["text"])
    assert [one["figures"] for one in computed] == [[[f.name, f.value] for f in card.figures] for card in pinned]
    assert [[tuple(row) for row in one["rows"]] for one in computed] == [list(card.table_rows) for card in pinned]
    assert [one["headline"] for one in computed] == [card.headline for card in pinned]


def test_the_notebook_carries_note_marking_data_and_version_as_text(kept):
    card = pinned_cards(kept)[1]
    written = json.loads(notebook_json("Weekly", [card], notes=[QUOTED], folder=kept.path))
    words = "".join(written["cells"][2]["source"])
    for part in (QUOTED, card.headline, card.marking, card.fingerprint, card.version, "SYNTHETIC DATA"):
        assert plain(part) in words
    for cell in written["cells"]:
        if cell["cell_type"] == "code":
            compile("".join(cell["source"]), "cell", "exec")


def test_run_again_on_the_same_data_says_so(kept):
    said = run("notebook", "run-again", "Weekly", "--store", kept.path)
    assert said.count("The data are the same: every figure is the same.") == 2


def test_run_again_on_newer_data_says_what_changed_and_can_be_kept(kept, tmp_path):
    small_store(tmp_path, [*ROWS, *several(7, "new", IN_WEST, "2024-05-20 10:00")], synthetic=True)
    found = document("notebook", "run-again", "Weekly", "--store", kept.path, "--keep")["cards"]
    assert [one["same_data"] for one in found] == [False, False]
    changed = {one["figure"]: (one["pinned"], one["now"]) for one in found[0]["changed"]}
    assert changed["Offences, Apr–Sep 24"] == ("55", "62")
    assert "Offences, Apr–Sep 23" not in changed and f"Row: {EAST}" not in changed
    assert f"Row: {WEST}" in changed
    kept_now = document("notebook", "show", "Weekly", "--store", kept.path)["cards"]
    assert [one["figures"].get("Offences, Apr–Sep 24") for one in kept_now] == ["55", None, "62", None]
    assert kept_now[2]["note"] == QUOTED and kept_now[0]["fingerprint"] != kept_now[2]["fingerprint"]


def test_the_commands_list_and_show_what_was_pinned(kept):
    (listed,) = document("notebook", "list", "--store", kept.path)["notebooks"]
    assert (listed["name"], listed["cards"]) == ("Weekly", 2)
    assert "Weekly" in run("notebook", "list", "--store", kept.path)
    shown = run("notebook", "show", "WEEKLY", "--store", kept.path)
    assert "1. " in shown and "Offences, Apr–Sep 24: 55" in shown and "Note: It's" in shown


def test_a_card_that_cannot_be_computed_any_more_is_told_and_the_others_run(kept):
    card = pinned_cards(kept)[1]
    card.query["source"] = "Elsewhere"
    notebooks.pin(open_database(paths.records_url(kept.path)), "Weekly", cards.to_record(card), now=NOW)
    found = document("notebook", "run-again", "Weekly", "--store", kept.path)["cards"]
    assert "no offences of" in found[2]["fault"] and found[0]["changed"] == []


def test_a_notebook_that_is_not_there_is_refused_in_a_sentence(kept):
    result = CliRunner().invoke(app, ["notebook", "show", "Monthly", "--store", str(kept.path)])
    assert result.exit_code == 2 and "There is no notebook 'Monthly'. There are: Weekly." in result.stderr
