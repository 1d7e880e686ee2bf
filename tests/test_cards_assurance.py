"""Cards of the Performance, Investigation and Evaluation pages: the pages' own figures, masked, as the audience may see them."""

import json
from dataclasses import replace
from datetime import timedelta

import nbformat
import pytest
from board_store import board_selection, board_store, file_row
from evaluation_store import AFTER, BUSIER, IN_RING, LIKE, SQUARE, START, TREATED
from nbclient import NotebookClient
from small_store import EAST, IN_EAST, WEST, selection

from hotspot import paths
from hotspot.errors import BadInput, NotKnowable
from hotspot.export import card_evaluation, card_investigation, card_performance, cards
from hotspot.export.jupyter import notebook_json
from hotspot.findings import evaluation_words, investigation_words, performance_words
from hotspot.findings.audience import FORCE, PUBLIC
from hotspot.findings.evaluation import evaluation_finding
from hotspot.findings.evaluation_periods import EvaluationSettings
from hotspot.findings.investigation import investigation_finding
from hotspot.findings.performance import BoardSettings, performance_finding
from hotspot.findings.performance_shown import shown_performance
from hotspot.offences.store import EVERYTHING
from hotspot.period import Period, add_months

CORNER = (403_500, 293_500)
HERE = selection("Residential burglary", drawn=SQUARE, date_basis="reported", period=AFTER)
BOARD = board_selection("Burglary")
OFFICERS = [f"OFFICER-{number:04d}" for number in range(12)]
COMPARED = ("E 404,500 N 291,500", "E 405,500 N 293,500", "E 406,500 N 290,500")


def rows():
    """Twelve burglaries a month in the treated square until it falls to six; files with officers and CCTV in a corner."""
    for number in range(9, 30):
        month = add_months(Period.parse("2022-04-01..2022-05-01").start, number)
        counts = {TREATED: 12 if month < START else 6, IN_RING: 4, **dict.fromkeys(LIKE, 12), BUSIER: 40}
        for place, (at, count) in enumerate(counts.items()):
            for half, day in enumerate((month, add_months(month, 1) - timedelta(days=1))):
                for one in range(count // 2):
                    yield file_row(f"{number}-{place}-{half}-{one}", f"{day}", at=at, filed_date=f"{day}")
    for number, officer in enumerate(OFFICERS):
        dates = {"cctv_requested": "2024-05-02", "cctv_received": "2024-05-12" if number % 2 else ""}
        premises = f"PREMISES-{number % 3}"
        filed = {} if number < 2 else {"filed_date": f"2024-05-{number + 2:02d}"}
        yield file_row(f"CRIME-{number}", "2024-05-01", at=CORNER, officer_ref=officer, premises_ref=premises, **dates, **filed)
    for number in range(3):
        yield file_row(f"few{number}", "2024-05-06", "Personal robbery", IN_EAST, victim_age=19, outcome="Caution")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return board_store(tmp_path_factory.mktemp("judged"), rows())


def content(store, page, chosen=BOARD, /, **parameters):
    query = chosen.to_query() | parameters
    return cards.content(store.path, page, query, scope=EVERYTHING, progress=lambda share, words: None)


def figures(card):
    return {figure.name: figure.value for figure in card.figures}


@pytest.fixture(scope="module")
def pinned(store):
    return {
        "performance": content(store, "performance"),
        "investigation": content(store, "investigation"),
        "evaluation": content(store, "evaluation", HERE, comparison="|".join(COMPARED)),
    }


def test_a_performance_card_is_the_boards_table(store, pinned):
    card = pinned["performance"]
    finding = performance_finding(store, BOARD, BoardSettings(), scope=EVERYTHING)
    assert card.headline == performance_words.headline(finding.place, "Burglary", finding.selection.place)
    assert figures(card)["Offences, Apr–Jun 23"] == "276" and figures(card)["Offences, Apr–Jun 24"] == "270"
    by_hand = {row.line.name: (f"{row.baseline_count:,}", f"{row.count:,}") for row in finding.place}
    assert {row[0].removeprefix("– "): row[1:3] for row in card.table_rows} == by_hand
    assert card.sentence.startswith("Burglary in Testshire: 276 → 270 offences in the year to date: ")
    assert "p = " in card.sentence
    assert card.picture.startswith(b"\x89PNG") and card.base_map == ""
    # Without dates of outcomes none can be counted by the period in which it was assigned.
    assert card.query["board"] == "Offence groups" and card.query["denominator"] == "cohort"


def test_a_performance_card_says_the_date_that_was_counted_by_not_the_links(store):
    card = content(store, "performance", replace(BOARD, date_basis="committed"))
    assert card.query["basis"] == "reported"
    assert "by reported date" in card.kicker


def test_each_view_of_the_board_has_its_own_table(store):
    areas = content(store, "performance", board="Areas")
    assert [row[0] for row in areas.table_rows] == [WEST, EAST, "Testshire"]
    months = content(store, "performance", board="Months", denominator="cohort", mature="60")
    assert months.table_rows[-1][0] == "June 2024" and months.query["mature"] == "60"
    assert content(store, "performance", board="Shares").table_head[0] in ("Share", "")
    others = content(store, "performance", board="Other forces")
    assert card_performance.NOT_KEPT in others.notes and others.table_head[0] == "Offence group"
    with pytest.raises(BadInput, match="denominator 'none' is not possible here"):
        content(store, "performance", denominator="none")


def test_the_public_sees_no_small_count_of_the_board(store):
    card = content(store, "performance", board_selection("Robbery"), audience=PUBLIC)
    shown = shown_performance(
        performance_finding(store, board_selection("Robbery"), BoardSettings(), scope=EVERYTHING), audience=PUBLIC
    )
    assert {row[0].removeprefix("– "): row[2] for row in card.table_rows} == {one.row.line.name: one.count for one in shown.place}
    robbery = next(row for row in card.table_rows if row[0] == "Robbery")
    assert robbery[2] == "hidden" and "3 offences" not in f"{card.headline} {card.subline} {card.sentence}"
    assert card.sentence == "Robbery in Testshire: small counts are hidden."
    assert content(store, "performance", board="Months", audience=PUBLIC).table_rows == ()


def test_an_investigation_card_says_what_the_page_says(store, pinned):
    card = pinned["investigation"]
    finding = investigation_finding(store, BOARD, scope=EVERYTHING)
    assert (card.headline, card.subline) == (investigation_words.headline(finding), investigation_words.subline(finding))
    assert figures(card)["Open"] == "2"
    assert figures(card)["Repeat premises with several"] == "3 of 3"
    assert [row[0] for row in card.table_rows] == [WEST, EAST, "Testshire"]
    # Of the ten that were filed the last alone, on 13 May, came after its CCTV.
    assert figures(card)["Filed while CCTV was awaited"] == "9 of 10"


@pytest.mark.parametrize("view", [one for one in card_investigation.VIEWS if one != card_investigation.BY_AREA])
def test_no_list_of_an_investigation_card_names_an_officer_a_file_or_premises(store, view):
    card = content(store, "investigation", list=view)
    assert card.table_rows and card.table_head[0] == "No."
    said = str([card.table_rows, card.figures, card.notes, card.headline, card.sentence])
    assert not any(name in said for name in (*OFFICERS, "CRIME-", "PREMISES-"))
    public = content(store, "investigation", list=view, audience=PUBLIC)
    assert public.table_head[0] == "Area" and not any("officers" in head or "premises" in head for head in public.table_head)


def test_an_evaluation_card_has_the_planted_fall_and_its_map(store, pinned):
    card = pinned["evaluation"]
    settings = EvaluationSettings(START, before=AFTER.shifted(-12), after=AFTER, comparison=COMPARED)
    finding = evaluation_finding(store, HERE, settings, scope=EVERYTHING)
    assert (card.headline, card.subline) == evaluation_words.told(finding, audience=FORCE)
    assert (figures(card)["Before"], figures(card)["After"]) == ("72", "36")
    assert figures(card)["Ratio to the comparison"].startswith("−50% (95% interval ")
    assert card.sentence.startswith("Residential burglary in Mill Lane: 72 → 36 offences, −50% beside comparison areas (95% ")
    assert card.sentence.endswith(": stands.")
    assert card.table_rows[0][:3] == ("Mill Lane", "72", "36")
    assert json.loads(card.overlay)["raster"]["url"].startswith("data:image/png")
    assert card.query["before"] == "last-year" and card.query["start"] == START.isoformat()


def test_an_evaluation_card_reads_every_setting_of_the_link(store):
    dates = {"before": "2023-04-01..2023-10-01", "start": "2024-04-01", "ring": "0", "chosen": "before"}
    card = content(store, "evaluation", HERE, comparison="|".join(COMPARED), **dates)
    assert card.query | dates == card.query
    assert "Ring" not in str(card.table_rows)
    assert any("falls by itself" in note for note in card.notes)
    again = cards.content(store.path, "evaluation", card.query, scope=EVERYTHING, progress=lambda share, words: None)
    assert not any(one.is_changed for one in cards.changes_of(card, again))


def test_the_public_is_told_no_small_count_of_an_evaluation(store):
    few = selection("Robbery", drawn=SQUARE, date_basis="reported", period=AFTER)
    card = content(store, "evaluation", few, audience=PUBLIC, comparison="|".join(COMPARED))
    assert card.figures == () or "3" not in figures(card).values()
    assert card.audience == PUBLIC and "nan" not in str([card.figures, card.table_rows])


def test_an_evaluation_without_an_area_or_with_nothing_after_the_start_is_refused_in_words(store):
    with pytest.raises(NotKnowable, match="Choose an area"):
        content(store, "evaluation", selection("Burglary"))
    with pytest.raises(NotKnowable, match="does not lie before the end"):
        content(store, "evaluation", HERE, start="2024-11-01")


def test_the_executed_jupyter_notebook_gives_the_figures_of_the_pages(store, pinned, tmp_path):
    written = notebook_json("Judged", list(pinned.values()), notes=["", "", ""], folder=store.path)
    notebook = nbformat.reads(written.decode(), as_version=4)
    proof = "import json\nprint(json.dumps([[[f.name, f.value] for f in c.figures] for c in (card_1, card_2, card_3)]))"
    notebook.cells.append(nbformat.v4.new_code_cell(proof))
    done = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(paths.ROOT)}}).execute()
    printed = "".join(output.get("text", "") for cell in done.cells for output in cell.get("outputs", ()))
    assert printed.count("Same figures as when it was pinned.") == 3
    computed = json.loads(done.cells[-1].outputs[0]["text"])
    assert computed == [[[one.name, one.value] for one in card.figures] for card in pinned.values()]


def test_the_pages_choices_are_those_of_their_cards():
    from hotspot.ui import evaluation_settings, investigation, performance

    assert (performance.GROUPS, performance.AREAS, performance.SHARES, performance.MONTHS, performance.OTHERS) == (
        card_performance.VIEWS
    )
    assert (performance.ESTIMATED, performance._DAYS) == (card_performance.ESTIMATED, card_performance.MATURE_AFTER)
    assert (investigation.BY_AREA, investigation.AWAITED, investigation.CHAINS, investigation.PREMISES, investigation.OPEN) == (
        card_investigation.VIEWS
    )
    assert tuple(evaluation_settings._NAMES) == (
        card_evaluation.LAST_YEAR, card_evaluation.JUST_BEFORE, card_evaluation.YEAR_BEFORE,
    )  # fmt: skip
