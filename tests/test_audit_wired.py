"""What is done on pages and by commands leaves a line; what cannot be logged is refused or said."""

import html
import json
import re

import pytest
from small_store import IN_EAST, IN_WEST, several, small_store
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from hotspot import paths
from hotspot.cli import app
from hotspot.errors import BadInput, NotAllowed, NotAudited
from hotspot.export.rows import rows_of
from hotspot.records import audit, audit_acts
from hotspot.records.audit import Entry
from hotspot.records.audit_anchors import anchors
from hotspot.records.audit_reading import lines, verify
from hotspot.records.database import open_database
from hotspot.ui import sign_in
from hotspot.viewer import ADMINISTRATOR, ANALYST, AUDIT, INSPECTOR, LOCAL, UNMASK, Viewer, require

PAGE = f"""
import runpy, types
from hotspot.ui import page
page.run(types.SimpleNamespace(url_path="{{name}}", title="{{name}}",
    run=lambda: runpy.run_path("{paths.ROOT}/pages/{{file}}")))
"""

ROW = """
from hotspot.ui import downloads
downloads.row("repeats", {"CSV": (".csv", lambda: b"a")})
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    rows = [*several(30, "w", IN_WEST, "2024-05-01 10:00"), *several(20, "e", IN_EAST, "2024-06-01 10:00")]
    return small_store(tmp_path_factory.mktemp("audited"), rows)


@pytest.fixture
def log(store, tmp_path, monkeypatch):
    monkeypatch.setenv("HOTSPOT_STORE", str(store.path))
    monkeypatch.setenv("HOTSPOT_RECORDS", f"sqlite:///{tmp_path}/records.sqlite")
    monkeypatch.setenv("HOTSPOT_AUDIT", str(tmp_path / "log"))
    return tmp_path / "log"


@pytest.fixture
def blocked(log):
    """A log that cannot be written."""
    log.write_text("a file where the folder should be")
    return log


def opened(name="when", file="explore/when.py"):
    shown = AppTest.from_string(PAGE.format(name=name, file=file), default_timeout=60).run()
    assert not shown.exception
    return shown


def told(shown):
    return html.unescape(re.sub(r"<[^>]+>", " ", " ".join(element.proto.body for element in shown.get("html"))))


def command(store, *words):
    return CliRunner().invoke(app, [*words, "--store", str(store.path)])


def acts(log):
    return [(one.act, one.way) for one in lines(log)]


def test_a_view_is_logged_once_for_each_selection_and_audience_and_not_for_each_run(log):
    shown = opened()
    shown.run().run()
    assert acts(log)[:-1] == [(audit.VIEW, "page when")]
    shown.selectbox(key="widget-audience").select("public").run()
    assert acts(log)[:-1] == [(audit.VIEW, "page when")] * 2
    latest, first, _ = lines(log)
    assert (latest.what["audience"], first.what["audience"]) == ("public", "force")
    assert (latest.who, latest.role, latest.data) == (LOCAL.name, LOCAL.role, audit_store(log).fingerprint)
    assert {"type", "from", "to", "basis", "source", "force"} <= latest.what.keys()


def audit_store(_):
    from hotspot.ui import cached

    return cached.store()


def test_a_view_goes_on_with_a_caution_where_the_log_cannot_be_written(blocked):
    assert "This view is not in the audit log" in told(opened())


def test_an_administrator_may_have_views_refused_too(blocked, monkeypatch):
    monkeypatch.setenv(audit_acts.VARIABLE, "everything")
    shown = told(opened())
    assert "Refused: an act of this kind (view)" in shown and "offences" not in shown


def test_downloads_are_refused_where_they_cannot_be_logged(blocked):
    shown = AppTest.from_string(ROW, default_timeout=60).run()
    assert "Refused: an act of this kind (export)" in told(shown)
    assert not shown.get("download_button")


def test_a_download_is_logged_with_its_rows_before_anybody_has_it(log, monkeypatch):
    from hotspot.ui import audited

    make = audited.export("repeats", ".csv", lambda: b"a,b\n1,2\n3,4\n")
    assert not log.exists()
    assert make() == b"a,b\n1,2\n3,4\n"
    line = next(lines(log))
    assert (line.act, line.what["format"], line.what["rows"], line.what["file"]) == (audit.EXPORT, ".csv", 2, "repeats")
    monkeypatch.setenv("HOTSPOT_AUDIT", "/proc/nowhere")
    with pytest.raises(NotAudited, match="Refused"):
        make()


def test_commands_are_logged_with_selection_format_and_rows(store, log, tmp_path):
    out = tmp_path / "rates.csv"
    options = ("--crime-type", "burglary", "--from", "2024-05-01", "--to", "2024-07-01")
    assert command(store, "hotspots", *options, "--out", str(out), "--json").exit_code == 0
    assert command(store, "aoristic", *options, "--json").exit_code == 0
    view, export, *_ = lines(log)
    assert (view.act, view.way, view.what["crime_type"], view.what["start"]) == (
        "view",
        "command aoristic",
        "burglary",
        "2024-05-01",
    )
    rows = len(out.read_text().splitlines()) - 1
    assert (export.act, export.way, export.what["format"], export.what["rows"]) == ("export", "command hotspots", ".csv", rows)
    assert anchors(open_database())[-1].count == 2


def test_a_command_that_writes_a_file_is_refused_where_it_cannot_be_logged(store, blocked, tmp_path):
    out = tmp_path / "hotspots.csv"
    done = command(store, "hotspots", "--crime-type", "burglary", "--out", str(out))
    assert done.exit_code == 2 and "Refused" in done.output and not out.exists()
    assert command(store, "backup", "--out", str(tmp_path / "b.tar")).exit_code == 2
    assert not (tmp_path / "b.tar").exists()
    assert command(store, "aoristic", "--crime-type", "burglary", "--json").exit_code == 0


def test_no_typed_name_and_no_file_name_stands_in_the_log(store, log, tmp_path):
    points = tmp_path / "victim-jane.csv"
    points.write_text("day,label\n2024-05-01,Jane Doe\n")
    assert command(store, "events", "add", "--date", "2024-05-01", "--label", "Jane Doe").exit_code == 0
    assert command(store, "notebook", "show", "Jane Doe").exit_code == 2
    drawn = json.dumps(["Jane Doe's house", [[0, 0], [1, 0], [1, 1]]])
    same_place = json.dumps(["Another name", [[0, 0], [1, 0], [1, 1]]])
    entry = Entry(audit.VIEW, "ann", "analyst", "page", audit_acts.of_link({"drawn": drawn, "notebook": "Jane Doe"}))
    audit_acts.record(entry)
    assert audit_acts.of_link({"drawn": drawn}) == audit_acts.of_link({"drawn": same_place})
    assert "jane" not in "".join(file.read_text() for file in audit.files_of(log)).lower()


def test_audit_verify_says_with_its_exit_code_whether_a_line_was_removed(store, log):
    for _ in range(3):
        command(store, "aoristic", "--crime-type", "burglary", "--json")
    done = command(store, "audit", "verify", "--json")
    assert (done.exit_code, json.loads(done.stdout)["whole"]) == (0, True)
    kept = audit.files_of(log)[0].read_text().splitlines(keepends=True)
    audit.files_of(log)[0].write_text("".join(kept[:2] + kept[3:]))
    done = command(store, "audit", "verify", "--json")
    assert (done.exit_code, json.loads(done.stdout)["whole"]) == (3, False)
    shown = json.loads(command(store, "audit", "show", "--act", "view", "--json").stdout)["lines"]
    assert [line["number"] for line in shown] == [4, 2]
    assert command(store, "audit", "verify", "--expect", "nonsense").exit_code == 2


def test_the_page_shows_the_log_to_an_administrator(log):
    audit_acts.record(Entry(audit.EXPORT, "ann", ANALYST, "page density", {"rows": 12}))
    shown = opened("audit", "assurance/audit.py")
    assert "The audit log is whole: 2 lines" in told(shown)
    assert shown.dataframe[0].value["Act"].iloc[0] == audit.EXPORT
    shown.selectbox(key="audit-act").select("log begun").run()
    assert list(shown.dataframe[0].value["Act"]) == ["log begun"]


@pytest.mark.parametrize("role", [INSPECTOR, ANALYST])
def test_the_page_refuses_everybody_else_by_role(log, monkeypatch, role):
    audit_acts.record(Entry(audit.EXPORT, "ann", ANALYST, "page density", {"rows": 12}))
    monkeypatch.setattr(sign_in, "viewer", lambda: Viewer("eve", role, None))
    shown = opened("audit", "assurance/audit.py")
    assert "needs the role administrator" in told(shown)
    assert not shown.dataframe and "ann" not in told(shown).split()


def test_the_rule_of_who_may_what_is_written_once():
    for role, acts_allowed in ((INSPECTOR, ()), (ANALYST, (UNMASK,)), (ADMINISTRATOR, (UNMASK, AUDIT))):
        for act in (UNMASK, AUDIT):
            if act in acts_allowed:
                require(Viewer("x", role, None), act)
            else:
                with pytest.raises(NotAllowed, match=role):
                    require(Viewer("x", role, None), act)


def test_signing_in_and_being_refused_are_lines_too(log):
    audit_acts.record_sign_in("ann", ANALYST, way="page density", refused=False)
    audit_acts.record_sign_in("", "", way="page density", refused=True)
    assert [(one.act, one.who) for one in lines(log)][:2] == [(audit.REFUSED, "nobody"), (audit.SIGN_IN, "ann")]


def test_the_door_logs_who_came_in_and_who_was_refused_once_for_a_session(log, monkeypatch):
    door = "from hotspot.ui import sign_in\nsign_in.let_in()"

    def refuse():
        raise NotAllowed("Visitor is in no group that may see these data.")

    monkeypatch.setattr(sign_in, "is_off", lambda: False)
    monkeypatch.setattr(sign_in, "_named", lambda: "Visitor")
    monkeypatch.setattr(sign_in, "viewer", refuse)
    AppTest.from_string(door).run().run()
    monkeypatch.setattr(sign_in, "viewer", lambda: Viewer("ann", ANALYST, None))
    AppTest.from_string(door).run().run()
    assert [(one.act, one.who, one.role) for one in lines(log)][:-1] == [
        (audit.SIGN_IN, "ann", ANALYST),
        (audit.REFUSED, "Visitor", ""),
    ]


def test_a_setting_that_means_nothing_is_said(monkeypatch):
    monkeypatch.setenv(audit_acts.VARIABLE, "sometimes")
    with pytest.raises(BadInput, match="none of exports, everything, nothing"):
        audit_acts.is_refused(audit.VIEW)


def test_an_act_is_not_stopped_by_a_database_that_does_not_answer(log, monkeypatch, caplog):
    monkeypatch.setenv("HOTSPOT_RECORDS", "sqlite:////proc/nowhere/records.sqlite")
    assert audit_acts.record(Entry(audit.EXPORT, "ann", ANALYST, "page density", {})) == ""
    assert "not anchored" in caplog.text and verify(log).is_whole


def test_rows_of_written_files_are_counted(tmp_path):
    import geopandas
    import openpyxl

    frame = geopandas.GeoDataFrame({"a": [1, 2, 3]}, geometry=geopandas.points_from_xy([0, 1, 2], [0, 1, 2]), crs=27700)
    frame.to_file(tmp_path / "a.gpkg", driver="GPKG")
    frame.to_file(tmp_path / "a.geojson", driver="GeoJSON")
    book = openpyxl.Workbook()
    book.active.append(["head"])
    book.active.append([1])
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "a.csv").write_text('x,y\n"one\ntwo",2\n')
    found = {file.suffix: rows_of(file.read_bytes(), file.suffix) for file in tmp_path.iterdir()}
    assert found == {".gpkg": 3, ".geojson": 3, ".xlsx": 2, ".csv": 1}
    assert rows_of(b"\x89PNG", ".png") is None
