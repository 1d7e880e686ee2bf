"""Unmasking: a person with the role, with a reason, for this page alone; the log has it, no cache, file or card has."""

import html
import re

import pytest
from board_store import board_store, file_row
from small_store import several, small_store
from streamlit.testing.v1 import AppTest

from hotspot.errors import BadInput
from hotspot.export.files import write_repeats
from hotspot.findings.repeats import RepeatsFinding, repeats_finding
from hotspot.findings.unmasking import checked_reason
from hotspot.offences.store import EVERYTHING
from hotspot.paths import ROOT
from hotspot.records import audit
from hotspot.records.audit_reading import lines
from hotspot.ui import sign_in
from hotspot.ui.keeping import KEEPER
from hotspot.viewer import ANALYST, INSPECTOR, Viewer

PAGE = f"""
import runpy, types
from hotspot.ui import page, unmask
for path, file in {{pages}}:
    page.run(types.SimpleNamespace(url_path=path, title=path, run=lambda: runpy.run_path(f"{ROOT}/pages/{{{{file}}}}")))
"""
REPEATS = ("repeat_victimisation", "repeats/repeat_victimisation.py")
INVESTIGATION = ("investigation", "assurance/investigation.py")
REASON = "Letters to repeat victims, task 12"
SECRET = "10012345678"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    rows = [
        *several(2, "a", committed="2024-05-01 12:00", uprn=SECRET, victim="VICTIM-0001"),
        *several(1, "b", committed="2024-05-20 12:00", uprn=SECRET, victim="VICTIM-0001"),
    ]
    return small_store(tmp_path_factory.mktemp("unmasking"), rows)


@pytest.fixture
def log(store, tmp_path, monkeypatch):
    return prepared(store, tmp_path, monkeypatch)


def prepared(store, tmp_path, monkeypatch, role=ANALYST):
    monkeypatch.setenv("HOTSPOT_STORE", str(store.path))
    monkeypatch.setenv("HOTSPOT_RECORDS", f"sqlite:///{tmp_path}/records.sqlite")
    monkeypatch.setenv("HOTSPOT_AUDIT", str(tmp_path / "log"))
    monkeypatch.setattr(sign_in, "viewer", lambda: Viewer("ann", role, None))
    return tmp_path / "log"


def opened(*pages, **query):
    shown = AppTest.from_string(PAGE.format(pages=list(pages)), default_timeout=60)
    for name, value in query.items():
        shown.query_params[name] = value
    return shown.run()


def told(shown):
    parts = [element.proto.body for element in shown.get("html")] + [frame.value.to_string() for frame in shown.dataframe]
    return html.unescape(re.sub(r"<[^>]+>", " ", " ".join(parts)))


def ask(shown, reason=REASON):
    shown.text_area(key="unmask-typed").input(reason)
    next(button for button in shown.button if button.label == "Show for this session").click()
    return shown.run()


def acts(log):
    return [one for one in lines(log) if one.act == audit.UNMASK]


def test_references_are_seen_after_a_reason_and_the_log_has_who_when_why_and_how_many(log):
    shown = opened(REPEATS)
    assert SECRET not in told(shown) and "•••678" in told(shown)
    ask(shown)
    assert SECRET in told(shown)
    (line,) = acts(log)
    assert (line.who, line.role, line.way) == ("ann", ANALYST, "page repeat_victimisation")
    assert (line.what["reason"], line.what["rows"], line.what["kind"]) == (REASON, 1, "premises references")
    shown.run()
    assert len(acts(log)) == 1
    shown.button(key="unmask-end").click().run()
    assert SECRET not in told(shown)
    assert SECRET not in "".join(file.read_text() for file in audit.files_of(log))


def test_without_a_reason_that_may_be_kept_nothing_is_unmasked(log):
    shown = ask(opened(REPEATS), f"Looking for {SECRET} again")
    assert SECRET not in told(shown) and not acts(log)
    assert "Say why" in told(shown)


def test_another_page_and_the_public_see_masks(log):
    shown = ask(opened(REPEATS))
    assert SECRET in told(shown)
    shown.selectbox(key="widget-audience").select("public").run()
    assert SECRET not in told(shown)
    shown.selectbox(key="widget-audience").select("force").run()
    assert SECRET in told(shown)
    # The run that draws another page first and this one after it: as when a person goes away and comes back.
    left = opened(("when", "explore/when.py"), REPEATS)
    assert SECRET not in told(left)


def test_an_inspector_is_not_offered_it_and_is_refused_where_he_forges_the_press(store, tmp_path, monkeypatch):
    log = prepared(store, tmp_path, monkeypatch)
    shown = opened(REPEATS)
    prepared(store, tmp_path, monkeypatch, role=INSPECTOR)
    ask(shown)  # drawn for an analyst, pressed by an inspector
    assert SECRET not in told(shown) and not acts(log)
    fresh = opened(REPEATS)
    assert not [button for button in fresh.button if button.label == "Show for this session"]
    assert "masked" in told(fresh)


def test_where_the_log_cannot_be_written_nothing_is_unmasked(store, tmp_path, monkeypatch):
    log = prepared(store, tmp_path, monkeypatch)
    log.write_text("a file where the folder should be")
    shown = ask(opened(REPEATS))
    assert SECRET not in told(shown) and "Refused: an act of this kind (unmask)" in told(shown)


def test_no_kept_result_and_no_file_holds_a_reference_after_it_was_seen(log, store, tmp_path):
    assert SECRET in told(ask(opened(REPEATS)))
    # Other tests of this process may have left results of their own stores.
    kept = [
        result
        for key, (result, _) in KEEPER._results.items()
        if isinstance(result, RepeatsFinding) and str(store.path) in str(key)
    ]
    assert kept and all(SECRET not in repr((one.listed, one.result.targets)) for one in kept)
    finding = repeats_finding(store, kept[0].selected.selection, scope=EVERYTHING)
    assert SECRET not in repr((finding.listed, finding.result.targets))
    write_repeats(finding, tmp_path / "repeats.csv")
    assert SECRET not in (tmp_path / "repeats.csv").read_text()


def test_officers_of_files_are_unmasked_on_the_investigation_page(tmp_path, monkeypatch):
    rows = [file_row(f"f{number}", "2024-05-01", officer_ref="OFFICER-0003") for number in range(3)]
    rows.append(file_row("filed", "2024-05-02", officer_ref="OFFICER-0004", filed_date="2024-05-03"))
    log = prepared(board_store(tmp_path / "board", rows), tmp_path, monkeypatch)
    shown = opened(INVESTIGATION, list="Open files")
    assert "OFFICER-0003" not in told(shown) and "•••003" in told(shown)
    ask(shown)
    assert "OFFICER-0003" in told(shown)
    assert [(one.what["kind"], one.what["rows"]) for one in acts(log)] == [("officers", 3)]


def test_a_reason_is_one_line_of_some_length():
    assert checked_reason("  Letters   to\nvictims ", []) == "Letters to victims"
    for wrong in ("", "short", "x" * 201):
        with pytest.raises(BadInput, match="10 to 200"):
            checked_reason(wrong, [])
