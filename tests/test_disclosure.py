"""No count that an export hides can be worked out from all of its tables: a hostile reader solves for it and must not succeed."""

import csv
from dataclasses import replace
from datetime import date

import numpy as np
import openpyxl
import pytest
from attack import Attack
from board_store import board_selection, board_store, file_row
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from small_store import BEFORE, IN_EAST, IN_WEST, PERIOD, selection, several, small_store

from hotspot.export.briefing import Briefing, Slide, for_audience
from hotspot.export.card_compare import change_row
from hotspot.export.cards import CardContent, Figure
from hotspot.export.files import write_changes
from hotspot.export.performance import write_performance
from hotspot.findings.audience import PUBLIC, shown_changes, shown_counts
from hotspot.findings.board_lines import GROUP, KIND
from hotspot.findings.change_words import short_period
from hotspot.findings.compare import compare_finding
from hotspot.findings.performance import BoardRow, BoardSettings, performance_finding
from hotspot.findings.performance_shares import KnownShare, vehicle_split
from hotspot.findings.selected import select
from hotspot.methods.change import compare
from hotspot.methods.outcomes import cohort_rate
from hotspot.methods.repeats import wilson
from hotspot.offences.store import EVERYTHING

AREAS = ("Ashley", "Birley", "Cawley", "Dudley")
counts = st.one_of(st.integers(0, 7), st.integers(0, 40))


def changed(now, before, *, period=PERIOD, baseline=BEFORE):
    lengths = {"days": period.days, "baseline_days": baseline.days}
    return compare(list(AREAS[: len(now)]), now, before, **lengths, family=f"{len(now)} areas")


# One table: both periods, the total, ratios with all digits.


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    rows = [*several(9, "w", IN_WEST, "2024-05-01 10:00"), *several(9, "b", IN_EAST, "2023-05-01 10:00")]
    store = small_store(tmp_path_factory.mktemp("compared"), rows)
    now, before = (select(store, selection(period=period), scope=EVERYTHING) for period in (PERIOD, BEFORE))
    finding = compare_finding(now, before, by_area=True)
    return lambda: finding


@given(pairs=st.lists(st.tuples(counts, counts), min_size=2, max_size=4))
@settings(max_examples=40)
def test_the_csv_of_a_comparison_gives_no_hidden_count_away(compared, tmp_path_factory, pairs):
    path = tmp_path_factory.mktemp("csv") / "change.csv"
    write_changes(replace(compared(), table=changed(*zip(*pairs, strict=True))), PUBLIC, path)
    with path.open(encoding="utf-8") as file:
        *rows, total = csv.DictReader(file)
    attack = Attack()
    for row in (*rows, total):
        for column in ("count", "baseline_count"):
            attack.read((row["area"], column), row[column])
        if row["ratio"] and row["ratio"] not in ("inf", "nan"):
            times = BEFORE.days / PERIOD.days
            attack.ratio((row["area"], "count"), (row["area"], "baseline_count"), float(row["ratio"]), times=times)
    for column in ("count", "baseline_count"):
        attack.adds_up((total["area"], column), [(row["area"], column) for row in rows])
    assert attack.determined() == set()


# A workbook of several sheets: groups and kinds, areas and force, both years, outcomes and shares.


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    kinds = (
        "Residential burglary",
        "Business burglary",
        "Robbery of personal property",
        "Theft of a vehicle",
        "Theft from a vehicle",
    )
    rows = [
        file_row(f"{kind}{year}{place}", f"{year}-05-01", kind=kind, at=place, outcome="charged", outcome_date=f"{year}-05-09")
        for kind in kinds
        for year in (2023, 2024)
        for place in (IN_EAST, IN_WEST)
    ]
    rows.append(file_row("last", "2024-06-30"))
    store = board_store(tmp_path_factory.mktemp("board"), rows)
    finding = performance_finding(store, board_selection(), BoardSettings(denominator="cohort"), scope=EVERYTHING)
    return lambda: finding  # Hypothesis writes an argument of a failure out, and a finding is long


def filled(board, draw):
    """Fill the board's table of three areas with drawn counts that add up; ``draw`` gives a count up to its argument."""
    cell, kinds, groups = {}, {}, [line for line in board.lines if line.rank == GROUP]
    for line in board.lines:
        kinds.setdefault(line.group, []).extend([line.name] if line.rank == KIND else [])
    for column in ("this", "last", "this outcomes", "last outcomes"):
        for area in AREAS[:3]:
            for line in groups:
                most = {
                    name: cell.get((area, name, column.removesuffix(" outcomes")), 40) for name in kinds[line.name] or [line.name]
                }
                cell |= {(area, name, column): draw(at_most) for name, at_most in most.items()}
                if kinds[line.name]:
                    cell[area, line.name, column] = sum(cell[area, name, column] for name in kinds[line.name])
            every = sum(cell[area, line.name, column] for line in groups if line.in_total)
            cell |= {(area, line.name, column): every for line in board.lines if line.rank == "total"}
        for line in board.lines:
            cell["", line.name, column] = sum(cell[area, line.name, column] for area in AREAS[:3])
    return cell


def drawn_small_or_not(seed):
    """Draw counts of which half are at most seven."""
    random = np.random.default_rng(seed)
    return lambda most: int(random.integers(0, (min(7, most) if random.random() < 0.5 else most) + 1))


def rows_of(board, cell, place):
    names = [line.name for line in board.lines]
    table = compare(
        names,
        [cell[place, name, "this"] for name in names],
        [cell[place, name, "last"] for name in names],
        days=board.period.days,
        baseline_days=board.baseline.days,
        family="all",
    )
    return tuple(
        BoardRow(
            line,
            place or board.selection.force,
            cell[place, line.name, "this"],
            cell[place, line.name, "last"],
            row,
            cohort_rate(cell[place, line.name, "this outcomes"], cell[place, line.name, "this"]),
            cohort_rate(cell[place, line.name, "last outcomes"], cell[place, line.name, "last"]),
        )
        for line, row in zip(board.lines, table.rows, strict=True)
    )


def sheet_rows(book, name):
    _, _, heads, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=5, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_the_workbook_of_the_board_gives_no_hidden_count_away(board, tmp_path_factory, seed):
    board = board()
    cell = filled(board, drawn_small_or_not(seed))
    whole = rows_of(board, cell, "")
    areas = [rows_of(board, cell, area) for area in AREAS[:3]]
    by_line = {line.name: tuple(rows[place] for rows in areas) for place, line in enumerate(board.lines)}
    split = vehicle_split({row.line.name: (row.count, row.baseline_count) for row in whole})
    shares = {"": (knife_share(cell, np.random.default_rng(seed)),)}
    finding = replace(board, place=whole, force=whole, areas=by_line, split=split, shares=shares)
    path = tmp_path_factory.mktemp("xlsx") / "board.xlsx"
    write_performance(finding, PUBLIC, (), path)
    book = openpyxl.load_workbook(path)
    found = attack_on_board(board, book).determined()
    # Kinds are for the whole force alone: an area's may equal its group, which is told because it is not small.
    assert {name for name in found if 1 <= cell_of(board, cell, name) <= 4} == set()


def knife_share(cell, random):
    """Draw for how many robberies a knife is known of, and of how many of those it was one."""
    parts = []
    for column in ("this", "last"):
        robberies = cell["", "Robbery", column]
        unknown = int(random.integers(0, robberies + 1))
        parts += [wilson(int(random.integers(0, robberies - unknown + 1)), robberies - unknown), unknown]
    now, unknown, before, unknown_before = parts
    return KnownShare("Knife", now, unknown, before, unknown_before)


def cell_of(board, cell, name):
    place, line, column = name
    return cell["" if place == board.selection.force else place, line, column]


def attack_on_board(board, book):
    attack = Attack()
    force = board.selection.force
    for row in (*sheet_rows(book, "Board table"), *sheet_rows(book, "Force"), *sheet_rows(book, "By area")):
        of = (row["Area"], row["Offence group"])
        for column, name in (("this", "This year"), ("last", "Last year")):
            attack.read((*of, column), row[name], least_hidden=0)  # with one year a row hides both, whatever they are
            outcome = row["Outcomes" if column == "this" else "Last year outcomes"]
            if outcome is None:
                attack.variable((*of, f"{column} outcomes"))
                attack.hidden.add((*of, f"{column} outcomes"))
            else:
                attack.read((*of, f"{column} outcomes"), outcome)
            attack.adds_up((*of, column), [(*of, f"{column} outcomes")], at_most=True)
        if row["Change per day"] is not None:
            times = board.baseline.days / board.period.days
            attack.ratio((*of, "this"), (*of, "last"), row["Change per day"] + 1, times=times)
    for row in sheet_rows(book, "Shares") if "Shares" in book.sheetnames else []:
        if row["Share of"] == "Knife, robbery":
            read_known_share(attack, row, (force, "Robbery", "this"))
            continue
        kind = row["Share of"].partition(", of")[0]
        for column, count, of in (("this", "Count", "Of"), ("last", "Last year count", "Last year of")):
            attack.read((force, kind, column), row[count])
            attack.read((force, "Vehicle crime", column), row[of])
    groups = [line.name for line in board.lines if line.rank == GROUP and line.in_total]
    for column in ("this", "last", "this outcomes", "last outcomes"):
        for line in board.lines:
            attack.adds_up((force, line.name, column), [(area, line.name, column) for area in AREAS[:3]])
            kinds = [one.name for one in board.lines if one.rank == KIND and one.group == line.name]
            if kinds:
                for place in (force, *AREAS[:3]):
                    attack.adds_up((place, line.name, column), [(place, kind, column) for kind in kinds], at_most=True)
        for place in (force, *AREAS[:3]):
            attack.adds_up((place, "All acquisitive", column), [(place, group, column) for group in groups])
    return attack


def read_known_share(attack, row, robberies):
    for name in ("Of", "Unknown"):
        attack.read(("knife", name), row[name])
    attack.adds_up(robberies, [("knife", "Of"), ("knife", "Unknown")])


def test_the_attack_on_the_board_finds_a_cell_left_without_protection(board, tmp_path):
    board = board()
    cell = filled(board, lambda most: min(most, 9))
    path = tmp_path / "board.xlsx"
    whole, areas = rows_of(board, cell, ""), [rows_of(board, cell, area) for area in AREAS[:3]]
    by_line = {line.name: tuple(rows[place] for rows in areas) for place, line in enumerate(board.lines)}
    write_performance(replace(board, place=whole, force=whole, areas=by_line, split=(), shares={}), PUBLIC, (), path)
    book = openpyxl.load_workbook(path)
    robbery = next(row for row in book["By area"].iter_rows() if (row[0].value, row[1].value) == (AREAS[0], "Robbery"))
    robbery[3].value, robbery[4].value = "hidden", None  # this year's count, and the change
    assert (AREAS[0], "Robbery", "this") in attack_on_board(board, book).determined()


# A briefing of several cards: two tables of one period against different ones, and cards of single areas.


def card(page, *, head=(), rows=(), figures=(), **query):
    link = {"source": "s", "force": "Testshire", "type": "Burglary", "basis": "committed", "audience": PUBLIC}
    link |= {"from": PERIOD.start.isoformat(), "to": PERIOD.end.isoformat()} | query
    said = {name: page for name in ("kicker", "headline", "subline", "sentence", "marking", "licence", "source")}
    return CardContent(
        page=page, query=link, figures=tuple(figures), table_head=tuple(head), table_rows=tuple(rows), notes=(), picture=b"",
        base_map="", overlay="", synthetic=False, audience=PUBLIC, fingerprint="f", version="1", **said,
    )  # fmt: skip


def table_card(page, now, before, baseline):
    found = changed(now, before, baseline=baseline)
    rows, total = shown_changes(found.rows, found.total, audience=PUBLIC)
    head = ("Area", short_period(baseline), short_period(PERIOD), "Change", "95% interval", "Reading")
    return card(page, head=head, rows=[change_row(one) for one in (*rows, total)], against=baseline.iso)


def rates_card(now):
    """The card of rates has no row for all areas: their number is a figure."""
    shown, total = shown_counts(dict(zip(AREAS, map(float, now), strict=False)), audience=PUBLIC)
    head = ("Area", "Offences", "Households", "Rate", "95% interval", "Reading")
    rows = [(area, text, "1,000", "", "", "") for area, text in shown.items()]
    return card("clusters", head=head, rows=rows, figures=[Figure("Offences in these areas", total)], show="Rates")


@given(data=st.data(), number=st.integers(2, 4))
@settings(max_examples=40)
def test_a_briefing_gives_no_hidden_count_away_whatever_its_cards_tell_together(data, number):
    now, year_before, just_before = (data.draw(st.lists(counts, min_size=number, max_size=number)) for _ in range(3))
    wanted = [
        table_card("compare", now, year_before, BEFORE),
        table_card("compare", now, just_before, PERIOD.previous()),
        *(card("density", area=AREAS[place], figures=[Figure("Offences", str(now[place]))]) for place in range(number)),
        *(card("when", area=AREAS[place], figures=[Figure("Offences", str(now[place]))]) for place in range(number)),
        card("near_repeats", figures=[Figure("Offences", str(sum(now)))]),
        rates_card(now),
    ]
    order = data.draw(st.permutations(wanted))
    # Single cards of a count under 5 hide it by themselves.
    alone = [one for one in order if one.page in ("compare", "clusters") or not 0 < int(one.figures[0].value) < 5]
    briefing = for_audience(Briefing("b", date(2024, 11, 1), tuple(map(Slide, alone))), PUBLIC)
    assert len(briefing.slides) + len(briefing.refusals) == len(alone)
    attack = Attack()
    for slide in briefing.slides:
        read_card(attack, slide.card)
    assert attack.determined() == set()


def read_card(attack, one):
    if one.page == "clusters":
        for area, text, *_ in one.table_rows:
            attack.read((area, short_period(PERIOD)), text)
        attack.read(("All areas", short_period(PERIOD)), one.figures[0].value)
        attack.adds_up(("All areas", short_period(PERIOD)), [(row[0], short_period(PERIOD)) for row in one.table_rows])
        return
    if one.page != "compare":
        attack.read((one.query.get("area", "All areas"), short_period(PERIOD)), one.figures[0].value)
        return
    columns = one.table_head[1:3]
    for row in one.table_rows:
        for column, text in zip(columns, row[1:3], strict=True):
            attack.read((row[0], column), text)
    for column in columns:
        attack.adds_up(("All areas", column), [(row[0], column) for row in one.table_rows if row[0] != "All areas"])


def test_without_the_rule_for_cards_side_by_side_the_attack_succeeds():
    now, before = [3, 20, 40], [30, 30, 30]
    table = table_card("compare", now, before, BEFORE)
    partner = next(row[0] for row in table.table_rows if row[2] == "hidden")
    single = card("density", area=partner, figures=[Figure("Offences", str(now[AREAS.index(partner)]))])
    attack = Attack()
    for one in (table, single):
        read_card(attack, one)
    assert ("Ashley", short_period(PERIOD)) in attack.determined()
    kept = for_audience(Briefing("b", date(2024, 11, 1), (Slide(table), Slide(single))), PUBLIC)
    assert [slide.card.page for slide in kept.slides] == ["compare"]
    assert "left out, because beside another card" in kept.refusals[0]


def test_months_over_all_the_data_count_as_told_for_every_period():
    table = table_card("compare", [3, 20, 40], [30, 30, 30], BEFORE)
    partner = next(row[0] for row in table.table_rows if row[2] == "hidden")
    months = card("when", area=partner, **{"from": "2022-01-01", "to": "2022-02-01"})
    kept = for_audience(Briefing("b", date(2024, 11, 1), (Slide(months), Slide(table))), PUBLIC)
    assert [slide.card.page for slide in kept.slides] == ["when"]


KINDS = ("Burglary", "Robbery", "Vehicle crime")
"""With these alone they are all acquisitive crime."""


@given(data=st.data())
@settings(max_examples=15, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_a_briefing_of_a_type_and_its_parts_gives_no_hidden_count_away(data):
    now = {kind: data.draw(st.lists(counts, min_size=2, max_size=3)) for kind in KINDS[:1]}
    size = len(now["Burglary"])
    now |= {kind: data.draw(st.lists(counts, min_size=size, max_size=size)) for kind in KINDS[1:]}
    now["All acquisitive"] = np.sum(list(now.values()), axis=0).tolist()
    cards = []
    for kind, table in now.items():
        one = table_card("compare", table, [40] * size, BEFORE)
        cards.append(replace(one, query=one.query | {"type": kind}))
    briefing = for_audience(Briefing("b", date(2024, 11, 1), tuple(map(Slide, data.draw(st.permutations(cards))))), PUBLIC)
    attack = Attack()
    areas = ("All areas", *AREAS[:size])
    for kind in now:
        attack.adds_up((kind, "All areas"), [(kind, area) for area in AREAS[:size]])
    for area in areas:
        attack.adds_up(("All acquisitive", area), [(kind, area) for kind in KINDS])
    for slide in briefing.slides:
        for row in slide.card.table_rows:
            attack.read((slide.card.query["type"], row[0]), row[2])
    assert attack.determined() == set()


def board_card(place_count):
    """A card of the board whose table is of shares: it tells the chosen line by its figures alone."""
    figures = [Figure(f"Offences, {short_period(PERIOD)}", str(place_count))]
    return replace(
        card("performance", head=("Share", "Last year"), rows=(), figures=figures), sentence="Burglary in Testshire: small."
    )


def test_a_total_that_a_table_hides_is_told_by_no_figure_of_another_card():
    table = table_card("compare", [4, 4, 0], [30, 30, 30], BEFORE)
    assert table.table_rows[-1][:3] == ("All areas", "hidden", "hidden")
    overview = card("overview", head=("Crime type", "Area", short_period(BEFORE), short_period(PERIOD)))
    overview = replace(overview, figures=(Figure("Burglary", "90 → 8: 91% less"),))
    for other in (board_card(8), overview, rates_card([0, 8, 0])):
        kept = for_audience(Briefing("b", date(2024, 11, 1), (Slide(table), Slide(other))), PUBLIC)
        assert [slide.card.page for slide in kept.slides] == ["compare"], other.page
