"""4P plans: the frozen area, the history, due dates, and two people who save at once; on SQLite and on PostgreSQL."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.errors import BadInput
from hotspot.records import plans
from hotspot.records.database import open_database
from hotspot.records.plan_drafts import ACTION_STATUSES, GROUPS, Draft, clashes, merged, replay
from hotspot.records.plans import PlanConflict
from tests.plan_records import AREA, NOW, TODAY, action, draft

LATER = NOW + timedelta(hours=1)


@pytest.fixture(scope="module")
def server(postgresql):
    return postgresql.new_database()


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request, tmp_path):
    url = f"sqlite:///{tmp_path}/records.sqlite" if request.param == "SQLite" else request.getfixturevalue("server")
    made = open_database(url)
    with made.session() as session:
        for row in (plans.ChangeRow, plans.ActionRow, plans.PlanRow):
            session.query(row).delete()
    yield made
    made.engine.dispose()


def made(database, *actions, **more):
    return plans.create(database, draft("High Street burglary", *actions, **more), AREA, who="DC Patel", now=NOW)


def test_a_plan_comes_back_whole_with_its_frozen_area(database):
    kept = made(database, action(due=date(2026, 12, 1)), action("Arrest the two suspects", group="Pursue", owner="4711"))
    assert kept == plans.plan(database, kept.number)
    assert kept.area == AREA
    assert [(one.group, one.text, one.owner, one.due) for one in kept.draft.actions] == [
        ("Pursue", "Arrest the two suspects", "4711", None),
        ("Protect", "Visit repeat victims", "Neighbourhood sergeant", date(2026, 12, 1)),
    ]
    assert (kept.created, kept.created_by, kept.revision, kept.closed) == (NOW, "DC Patel", 1, None)


def test_the_history_says_who_changed_what_from_what_and_when(database):
    first = made(database, action(due=date(2026, 12, 1)))
    (visit,) = first.draft.actions
    changed = replace(first.draft, title="High Street", actions=(replace(visit, status="done"),))
    second = plans.save(database, first.number, changed, revision=1, who="  PS   Jones ", now=LATER)
    rows = [one for one in plans.history(database, first.number) if one.revision == 2]
    assert [(one.action, one.field, one.old, one.new, one.who, one.when) for one in rows] == [
        (0, "title", "High Street burglary", "High Street", "PS Jones", LATER),
        (visit.number, "status", "open", "done", "PS Jones", LATER),
    ]
    assert (second.revision, second.changed) == (2, LATER)
    assert [one.new for one in plans.history(database, first.number) if one.revision == 1][:2] == [
        "High Street burglary",
        "Westley",
    ]


def test_saving_what_did_not_change_adds_no_history(database):
    kept = made(database, action())
    before = plans.history(database, kept.number)
    assert plans.save(database, kept.number, kept.draft, revision=1, who="A", now=LATER) == kept
    assert plans.history(database, kept.number) == before


def test_the_second_of_two_is_told_what_changed_and_both_texts_are_there(database):
    base = made(database, action())
    (visit,) = base.draft.actions
    theirs = replace(base.draft, title="Theirs", actions=(replace(visit, owner="4711"),))
    mine = replace(base.draft, title="Mine", actions=(replace(visit, due=date(2027, 1, 1)), action("Mark bicycles")))
    plans.save(database, base.number, theirs, revision=1, who="PS Jones", now=LATER)
    with pytest.raises(PlanConflict, match="PS Jones saved this plan while you were writing") as told:
        plans.save(database, base.number, mine, revision=1, who="DC Patel", now=LATER)
    assert plans.plan(database, base.number).draft == theirs
    assert [(one.field, one.new) for one in told.value.since] == [("title", "Theirs"), ("owner", "4711")]
    seen = clashes(base.draft, mine, told.value.theirs.draft)
    assert [(one.field, one.was, one.theirs, one.mine, one.is_both) for one in seen] == [
        ("title", "High Street burglary", "Theirs", "Mine", True),
        ("owner", "Neighbourhood sergeant", "4711", "Neighbourhood sergeant", False),
    ]
    both = merged(base.draft, mine, told.value.theirs.draft)
    kept = plans.save(database, base.number, both, revision=told.value.theirs.revision, who="DC Patel", now=LATER)
    assert kept.draft.title == "Mine"
    assert [(one.text, one.owner, one.due) for one in kept.draft.actions] == [
        ("Visit repeat victims", "4711", date(2027, 1, 1)),
        ("Mark bicycles", "Neighbourhood sergeant", None),
    ]
    assert ("title", "Theirs", "Mine") in [(one.field, one.old, one.new) for one in plans.history(database, base.number)]


def test_of_writers_at_the_same_moment_one_saves_and_all_others_are_told(database):
    kept = made(database)
    told: list[object] = []

    def write(number: int) -> None:
        wanted = replace(kept.draft, actions=(action(f"Action {number}"),))
        try:
            told.append(plans.save(database, kept.number, wanted, revision=1, who=f"W{number}", now=LATER).revision)
        except PlanConflict as conflict:
            told.append(conflict)
        except Exception as fault:  # a thread's failure would be lost
            told.append(repr(fault))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(isinstance(one, PlanConflict) for one in told) == [False, True, True, True, True]
    assert [one for one in told if not isinstance(one, PlanConflict)] == [2]
    assert len(plans.plan(database, kept.number).draft.actions) == 1


def test_overdue_plans_come_first_then_open_ones_by_lpa_then_closed_ones(database):
    made(database, action(due=TODAY - timedelta(1)), lpa="Westley")
    made(database, action(due=TODAY), lpa="Westley")
    made(database, action(due=TODAY - timedelta(9), status="done"), lpa="Eastley")
    made(database, action(due=TODAY - timedelta(99)), lpa="Eastley", status="closed")
    made(database, action(due=TODAY - timedelta(8)), lpa="Westley")
    listed = plans.plans(database, today=TODAY)
    assert [(one.draft.lpa, one.late(TODAY).days, one.is_open) for one in listed] == [
        ("Westley", 8, True),
        ("Westley", 1, True),
        ("Eastley", 0, True),
        ("Westley", 0, True),
        ("Eastley", 0, False),
    ]
    assert [one.draft.lpa for one in plans.plans(database, today=TODAY, lpa="Eastley")] == ["Eastley", "Eastley"]
    assert plans.plans(database, today=TODAY, force="Elsewhere") == ()


def test_an_action_is_overdue_the_day_after_its_due_date(database):
    made(database, action("Today", due=TODAY), action("Yesterday", due=TODAY - timedelta(1)), action("No date"))
    due = plans.due_of(plans.plans(database, today=TODAY), today=TODAY)
    assert [(one.action.text, one.is_overdue) for one in due] == [("Yesterday", True), ("Today", False), ("No date", False)]


def test_closing_keeps_the_day_and_opening_again_takes_it_away(database):
    kept = made(database, action(due=TODAY - timedelta(3)))
    closed = plans.save(database, kept.number, replace(kept.draft, status="closed"), revision=1, who="A", now=LATER)
    assert (closed.closed, closed.open_actions, plans.due_of(plans.plans(database, today=TODAY), today=TODAY)) == (TODAY, (), ())
    again = plans.save(database, kept.number, kept.draft, revision=2, who="A", now=LATER)
    assert (again.closed, len(again.open_actions)) == (None, 1)


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        (draft("  "), "needs a title"),
        (draft("x" * 121), "needs a title"),
        (draft("A", action("  ", group="Pursue")), "under Pursue has no words"),
        (draft("A", action("x" * 1_001)), "at most 1,000"),
        (draft("A", action(group="Punish")), "stands under one of"),
        (draft("A", action(status="late")), "is one of open, done, dropped"),
        (draft("A", status="gone"), "open or closed"),
    ],
)
def test_a_draft_that_cannot_be_used_is_refused_in_a_sentence(tmp_path, wrong, sentence):
    database = open_database(f"sqlite:///{tmp_path}/records.sqlite")
    with pytest.raises(BadInput, match=sentence):
        plans.create(database, wrong, AREA, who="A", now=NOW)
    assert plans.plans(database, today=TODAY) == ()
    database.engine.dispose()


def test_without_a_name_nothing_is_saved_and_an_unknown_plan_or_action_is_told(database):
    with pytest.raises(BadInput, match="Give your name"):
        plans.create(database, draft(), AREA, who=" ", now=NOW)
    for number in (0, -1, 999_999, 2**70):
        with pytest.raises(BadInput, match="There is no plan"):
            plans.plan(database, number)
    kept = made(database)
    with pytest.raises(BadInput, match="has no action 999"):
        plans.save(database, kept.number, draft("A", action(number=999)), revision=1, who="A", now=LATER)


def test_text_is_kept_as_it_was_typed_but_for_what_no_screen_shows(database):
    hostile = "<script>alert('x')</script> \u2019 é 🏠; DROP TABLE plan;--"
    kept = plans.create(database, draft("A\x00\nB", action(hostile + "\x00\x07")), AREA, who="<b>", now=NOW)
    assert plans.plan(database, kept.number).draft.actions[0].text == hostile
    assert (kept.draft.title, kept.created_by) == ("A B", "<b>")


texts = st.sampled_from(["", "Visit", "Patrol on Fridays", "Mark bicycles", "é→"])
edits = st.tuples(
    st.sampled_from(["title", "lpa", "status", "text", "owner", "due", "state", "new"]),
    st.integers(0, 3),
    texts,
    st.sampled_from(GROUPS),
)


def edited(start: Draft, edit) -> Draft:
    """Change one thing of a plan as a person at the form would."""
    what, which, text, group = edit
    if what in {"title", "lpa"}:
        return replace(start, **{what: text or "Empty"})
    if what == "status":
        return replace(start, status=("open", "closed")[which % 2])
    if what == "new" or not start.actions:
        return replace(start, actions=(*start.actions, action(text or "New", group=group)))
    value = {
        "text": {"text": text or "Words"},
        "owner": {"owner": text},
        "due": {"due": (None, TODAY)[which % 2]},
        "state": {"status": ACTION_STATUSES[which % 3]},
    }[what]
    at = which % len(start.actions)
    changed = replace(start.actions[at], **value)
    return replace(start, actions=(*start.actions[:at], changed, *start.actions[at + 1 :]))


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('plans')}/records.sqlite")
    yield database
    database.engine.dispose()


@settings(max_examples=25)
@given(changes=st.lists(edits, max_size=6))
def test_the_history_alone_gives_the_present_state(shared, changes):
    kept = plans.create(shared, draft("A", action()), AREA, who="A", now=NOW)
    for edit in changes:
        kept = plans.save(shared, kept.number, edited(kept.draft, edit), revision=kept.revision, who="A", now=LATER)
        rows = plans.history(shared, kept.number)
        assert replay(rows) == kept.draft.fields()
    state: dict[tuple[int, str], str] = {}
    for row in plans.history(shared, kept.number):
        assert state.get((row.action, row.field), "") == row.old != row.new
        state[row.action, row.field] = row.new


@settings(max_examples=30)
@given(steps=st.lists(st.tuples(st.integers(0, 1), st.sampled_from(["load", "edit", "save"]), edits), max_size=14))
def test_no_interleaving_of_two_editors_loses_anything(shared, steps):
    """Whatever anyone saved stands in the history, and only who made a change can undo what stood before it."""
    kept = plans.create(shared, draft("A", action()), AREA, who="A", now=NOW)
    seen, forms = [kept, kept], [kept.draft, kept.draft]
    written: set[tuple[str, str]] = set()
    for who, step, edit in steps:
        if step == "load":
            seen[who] = plans.plan(shared, kept.number)
            forms[who] = seen[who].draft
        elif step == "edit":
            forms[who] = edited(forms[who], edit)
        else:
            present = plans.plan(shared, kept.number)
            wanted, revision = forms[who], seen[who].revision
            if present.revision != revision:
                with pytest.raises(PlanConflict) as told:
                    plans.save(shared, kept.number, wanted, revision=revision, who=str(who), now=LATER)
                assert plans.plan(shared, kept.number) == present == told.value.theirs
                theirs_alone = [one for one in clashes(seen[who].draft, wanted, present.draft) if one.mine == one.was]
                wanted, revision = merged(seen[who].draft, wanted, present.draft), present.revision
                for one in theirs_alone:
                    assert wanted.fields().get((one.action, one.field), "") == one.theirs
            mine = {(one.group, one.text) for one in forms[who].actions if not one.number}
            seen[who] = plans.save(shared, kept.number, wanted, revision=revision, who=str(who), now=LATER)
            forms[who] = seen[who].draft
            assert mine <= {(one.group, one.text) for one in seen[who].draft.actions}
            written |= {(field, text) for (_, field), text in wanted.fields().items()} | {("text", text) for _, text in mine}
    rows = plans.history(shared, kept.number)
    assert written <= {(row.field, row.new) for row in rows}
    assert replay(rows) == plans.plan(shared, kept.number).draft.fields()
