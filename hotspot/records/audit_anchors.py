"""How far the audit log reached, kept in the database of records: who rewrites the files must rewrite this too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from hotspot.records.audit import Head
from hotspot.records.database import Base, Database
from hotspot.viewer import AUDIT, LOCAL, Viewer, require


class AnchorRow(Base):
    """Number and hash of a line, when it was the last."""

    __tablename__ = "audit_anchor"
    number: Mapped[int] = mapped_column(primary_key=True)
    log: Mapped[str] = mapped_column(String(32), index=True)
    count: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    moment: Mapped[datetime]
    """UTC."""


@dataclass(frozen=True)
class Anchor:
    """Number and hash of a line of a log, when it was the last."""

    log: str
    count: int
    hash: str
    moment: datetime
    """With its zone."""


def anchor(database: Database, head: Head, *, moment: datetime) -> None:
    """Keep how far a log reaches.

    Raises
    ------
    StoreError
        If the database cannot be written.
    """
    at = moment.astimezone(UTC).replace(tzinfo=None)
    with database.session() as session:
        session.add(AnchorRow(log=head.log, count=head.count, hash=head.hash, moment=at))


def anchors(database: Database, *, viewer: Viewer = LOCAL) -> tuple[Anchor, ...]:
    """List what is kept, the first line first.

    Raises
    ------
    NotAllowed
        If the viewer's role may not read the log.
    """
    require(viewer, AUDIT)
    with database.session() as session:
        rows = session.scalars(select(AnchorRow).order_by(AnchorRow.log, AnchorRow.count)).all()
        return tuple(Anchor(row.log, row.count, row.hash, row.moment.replace(tzinfo=UTC)) for row in rows)
