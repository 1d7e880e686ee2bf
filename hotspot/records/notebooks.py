"""Notebooks of findings: named, their cards in an order, each with the analyst's note; a change tells who comes second."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from hotspot.errors import BadInput, Conflict, NotAllowed
from hotspot.records.database import Base, Database
from hotspot.viewer import LOCAL, PIN, Viewer, require

LONGEST_NAME, LONGEST_NOTE = 80, 4_000
"""Characters."""


class NotebookRow(Base):
    """A notebook."""

    __tablename__ = "notebook"
    __table_args__ = (UniqueConstraint("folded_name"),)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    folded_name: Mapped[str] = mapped_column(String(2 * LONGEST_NAME))
    """The name without regard to case: 'Weekly' and 'weekly' would be taken for one another."""
    changed: Mapped[datetime]
    revision: Mapped[int] = mapped_column()
    cards: Mapped[list[CardRow]] = relationship(
        back_populates="notebook", order_by="CardRow.place", cascade="all, delete-orphan", passive_deletes=True
    )
    __mapper_args__: ClassVar = {"version_id_col": revision}


class CardRow(Base):
    """A card of a notebook."""

    __tablename__ = "notebook_card"
    number: Mapped[int] = mapped_column(primary_key=True)
    notebook_number: Mapped[int] = mapped_column(ForeignKey("notebook.number", ondelete="CASCADE"), index=True)
    place: Mapped[int]
    note: Mapped[str] = mapped_column(Text)
    pinned: Mapped[datetime]
    document: Mapped[str] = mapped_column(Text)
    picture: Mapped[bytes] = mapped_column(LargeBinary)
    base_map: Mapped[str] = mapped_column(Text)
    overlay: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column()
    notebook: Mapped[NotebookRow] = relationship(back_populates="cards")
    __mapper_args__: ClassVar = {"version_id_col": revision}


@dataclass(frozen=True)
class CardRecord:
    """What a card holds, as it is kept."""

    document: str
    """JSON of everything but the three below."""
    picture: bytes
    """PNG; empty where there is none."""
    base_map: str
    """JSON payload of a live map; empty where there is none."""
    overlay: str


@dataclass(frozen=True)
class KeptCard:
    """A card as it stands in its notebook."""

    number: int
    """Names the card in every notebook, for ever."""
    notebook: str
    note: str
    pinned: datetime
    record: CardRecord
    revision: int
    """Grows with every change of the note."""


@dataclass(frozen=True)
class ListedNotebook:
    """A notebook in the list of notebooks."""

    name: str
    cards: int
    changed: datetime
    revision: int
    """Grows with every change of its name, its cards or their order."""
    hidden: int = 0
    """Cards that the viewer may not see; they are not counted above."""


def notebooks(database: Database, *, viewer: Viewer = LOCAL) -> tuple[ListedNotebook, ...]:
    """List the notebooks, the one changed last first, with the cards that the viewer may see."""
    with database.session() as session:
        rows = session.execute(
            select(NotebookRow, func.count(CardRow.number))
            .outerjoin(CardRow)
            .group_by(NotebookRow.number)
            .order_by(NotebookRow.changed.desc(), NotebookRow.number.desc())
        ).all()
        hidden = _hidden(session, viewer)
        return tuple(
            ListedNotebook(row.name, count - hidden[row.number], row.changed, row.revision, hidden[row.number])
            for row, count in rows
        )


def cards(database: Database, name: str, *, viewer: Viewer = LOCAL) -> tuple[KeptCard, ...]:
    """Give the cards of a notebook that the viewer may see, in their order.

    Raises
    ------
    BadInput
        If there is no such notebook; the sentence lists those there are.
    """
    with database.session() as session:
        notebook = _notebook(session, name)
        return tuple(_kept(card, notebook.name) for card in notebook.cards if _is_seen(card.document, viewer))


def card(database: Database, number: int, *, viewer: Viewer = LOCAL) -> KeptCard:
    """Give one card."""
    with database.session() as session:
        row = _card(session, number, viewer)
        return _kept(row, row.notebook.name)


def create(database: Database, name: str, *, now: datetime, viewer: Viewer = LOCAL) -> str:
    """Make an empty notebook; give its name without the blanks at its ends."""
    require(viewer, PIN)
    name = checked_name(name)
    with database.session() as session:
        _refuse_taken(session, name)
        session.add(NotebookRow(name=name, folded_name=name.casefold(), changed=now))
    return name


def rename(database: Database, name: str, new_name: str, *, now: datetime, viewer: Viewer = LOCAL) -> str:
    """Give a notebook another name."""
    require(viewer, PIN)
    new_name = checked_name(new_name)
    with database.session() as session:
        notebook = _notebook(session, name)
        if new_name.casefold() != notebook.folded_name:
            _refuse_taken(session, new_name)
        notebook.name, notebook.folded_name, notebook.changed = new_name, new_name.casefold(), now
    return new_name


def delete(database: Database, name: str, *, viewer: Viewer = LOCAL) -> None:
    """Delete a notebook with its cards.

    Raises
    ------
    NotAllowed
        If it has cards that the viewer may not see.
    """
    require(viewer, PIN)
    with database.session() as session:
        notebook = _notebook(session, name)
        hidden = sum(not _is_seen(one.document, viewer) for one in notebook.cards)
        if hidden:
            raise NotAllowed(f"'{notebook.name}' holds {hidden_words(hidden)} Whoever may see all of it can delete it.")
        session.delete(notebook)


def pin(database: Database, name: str, record: CardRecord, *, note: str = "", now: datetime, viewer: Viewer = LOCAL) -> int:
    """Keep a card at the end of a notebook, which is made where it does not exist; give the card's number."""
    require(viewer, PIN)
    name, note = checked_name(name), _checked_note(note)
    with database.session() as session:
        notebook = session.scalar(select(NotebookRow).where(NotebookRow.folded_name == name.casefold()))
        if notebook is None:
            notebook = NotebookRow(name=name, folded_name=name.casefold(), changed=now)
            session.add(notebook)
        place = max((one.place for one in notebook.cards), default=-1) + 1
        row = CardRow(place=place, note=note, pinned=now, **vars(record))
        notebook.cards.append(row)
        notebook.changed = now
        session.flush()
        return row.number


def write_note(database: Database, number: int, note: str, *, revision: int, viewer: Viewer = LOCAL) -> None:
    """Replace the note of a card.

    Raises
    ------
    Conflict
        If the note was changed since ``revision``: it stays, and nothing is lost.
    """
    require(viewer, PIN)
    note = _checked_note(note)
    with database.session() as session:
        row = _card(session, number, viewer)
        if row.revision != revision:
            raise Conflict("Somebody else changed this note in the meantime; it was left as it is. Copy yours, then load again.")
        row.note = note


def move(database: Database, number: int, *, by: int, now: datetime, viewer: Viewer = LOCAL) -> None:
    """Move a card by so many places towards the end, a negative number towards the beginning; it stops at either."""
    require(viewer, PIN)
    with database.session() as session:
        notebook = _card(session, number, viewer).notebook
        order = [one.number for one in notebook.cards]
        at = order.index(number)
        order.insert(min(max(at + by, 0), len(order) - 1), order.pop(at))
        _put(notebook, order, now)


def arrange(
    database: Database, name: str, numbers: Sequence[int], *, revision: int, now: datetime, viewer: Viewer = LOCAL
) -> None:
    """Put all cards of a notebook into an order.

    Raises
    ------
    Conflict
        If the notebook was changed since ``revision``.
    BadInput
        If the numbers are not those of its cards, each once.
    """
    require(viewer, PIN)
    with database.session() as session:
        notebook = _notebook(session, name)
        if notebook.revision != revision:
            raise Conflict("Somebody else changed this notebook in the meantime; its order was left as it is. Load it again.")
        if sorted(numbers) != sorted(one.number for one in notebook.cards):
            raise BadInput(f"An order of the notebook '{notebook.name}' must name each of its cards once.")
        _put(notebook, list(numbers), now)


def delete_card(database: Database, number: int, *, now: datetime, viewer: Viewer = LOCAL) -> None:
    """Delete a card."""
    require(viewer, PIN)
    with database.session() as session:
        row = _card(session, number, viewer)
        row.notebook.changed = now
        row.notebook.cards.remove(row)


def checked_name(name: str) -> str:
    """Give a notebook's name without the blanks at its ends; refuse one that could not be read in a list."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInput(f"A notebook's name has 1 to {LONGEST_NAME} characters in one line.")
    return name


def _checked_note(note: str) -> str:
    if len(note) > LONGEST_NOTE:
        raise BadInput(f"A note has at most {LONGEST_NOTE:,} characters; this one has {len(note):,}.")
    return note.strip().replace("\x00", "")  # PostgreSQL's texts cannot hold it


def _put(notebook: NotebookRow, order: list[int], now: datetime) -> None:
    for one in notebook.cards:
        one.place = order.index(one.number)
    notebook.changed = now


def _notebook(session: Session, name: str) -> NotebookRow:
    row = session.scalar(select(NotebookRow).where(NotebookRow.folded_name == " ".join(name.split()).casefold()))
    if row is None:
        known = ", ".join(session.scalars(select(NotebookRow.name).order_by(NotebookRow.name).limit(12))) or "none yet"
        raise BadInput(f"There is no notebook '{name[:LONGEST_NAME]}'. There are: {known}.")
    return row


def _refuse_taken(session: Session, name: str) -> None:
    if session.scalar(select(NotebookRow.number).where(NotebookRow.folded_name == name.casefold())) is not None:
        raise BadInput(f"There is already a notebook '{name}'. Choose another name.")


def hidden_words(count: int) -> str:
    """Say that a notebook holds cards that the reader may not see; empty where it holds none."""
    if not count:
        return ""
    cards = "1 card" if count == 1 else f"{count:,} cards"
    return f"{cards} made from offences of LPAs that you may not see."


def _is_seen(document: str, viewer: Viewer) -> bool:
    """Say whether a viewer may see a card: it names the LPAs that it was made from, or was made from all offences."""
    return viewer.areas is None or viewer.sees_all_of(tuple(json.loads(document).get("areas", ())))


def _hidden(session: Session, viewer: Viewer) -> Counter[int]:
    """Count the cards of each notebook that a viewer may not see."""
    if viewer.areas is None:
        return Counter()
    rows = session.execute(select(CardRow.notebook_number, CardRow.document))
    return Counter(number for number, document in rows if not _is_seen(document, viewer))


def _card(session: Session, number: int, viewer: Viewer) -> CardRow:
    """Give a card's row; to who may not see it there is none."""
    row = session.get(CardRow, number)
    if row is None or not _is_seen(row.document, viewer):
        raise BadInput(f"There is no card {number} any more: somebody may have deleted it.")
    return row


def _kept(row: CardRow, name: str) -> KeptCard:
    record = CardRecord(row.document, row.picture, row.base_map, row.overlay)
    return KeptCard(row.number, name, row.note, row.pinned, record, row.revision)
