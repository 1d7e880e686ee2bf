"""What is written into the audit log of a selection and of a link, and what happens where the log cannot be written."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from hotspot import paths
from hotspot.errors import BadInput, HotspotError, NotAudited
from hotspot.records import audit
from hotspot.records.audit import Entry, Value
from hotspot.records.audit_anchors import anchor
from hotspot.records.database import open_database
from hotspot.selection import Selection

EXPORTS, EVERYTHING, NOTHING = "exports", "everything", "nothing"
VARIABLE = "HOTSPOT_AUDIT_REFUSES"
"""What is refused while the log cannot be written."""
_REFUSED = {EXPORTS: {audit.EXPORT, audit.UNMASK, audit.BACK_UP}, EVERYTHING: set(audit.ACTS), NOTHING: set()}
_TYPED = {"drawn", "layers", "notebook"}
"""Parameters of a link that hold names which people typed."""
_ANCHOR_EVERY = 500
"""Lines, where only views are written."""
_log = logging.getLogger("hotspot")


def of_selection(selection: Selection) -> dict[str, Value]:
    """Say a selection as the log holds it: a drawn area, whose name a person typed, by a fingerprint of its outline."""
    return of_link(selection.to_query())


def of_link(parameters: Mapping[str, str]) -> dict[str, Value]:
    """Say the parameters of a link as the log holds them: typed names by their fingerprint."""
    return {name: fingerprint(name, value) if name in _TYPED else value for name, value in parameters.items()}


def fingerprint(name: str, value: str) -> str:
    """Stand for a typed text without telling it: equal texts, equal fingerprints."""
    told = json.dumps(json.loads(value)[1]) if name == "drawn" else value
    return f"#{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def is_refused(act: str) -> bool:
    """Say whether an act is refused while the log cannot be written: the administrator's choice, else exports and unmasking.

    Raises
    ------
    BadInput
        If the setting means nothing.
    """
    chosen = os.environ.get(VARIABLE, "").strip() or EXPORTS
    if chosen not in _REFUSED:
        raise BadInput(f"{VARIABLE} '{chosen}' is none of {', '.join(_REFUSED)}. An administrator sets it.")
    return act in _REFUSED[chosen]


def refuse_unaudited(act: str, *, store: Path | None = None) -> None:
    """Refuse an act before anything is done, where it must be logged and cannot be.

    Raises
    ------
    NotAudited
        With what to do.
    """
    if is_refused(act):
        try:
            audit.check(paths.audit_folder(store))
        except NotAudited as fault:
            raise _refusal(act, fault) from fault


def record(entry: Entry, *, store: Path | None = None) -> str:
    """Write a line, and keep its hash in the database of records.

    Returns
    -------
    str
        Empty, or a caution where the line could not be written and the act goes on all the same.

    Raises
    ------
    NotAudited
        If it could not be written and the act is refused without it.
    """
    try:
        head = audit.append(paths.audit_folder(store), entry)
    except NotAudited as fault:
        if is_refused(entry.act):
            raise _refusal(entry.act, fault) from fault
        _log.warning("not in the audit log: %s by %s: %s", entry.act, entry.who, fault)
        return f"This {entry.act} is not in the audit log. {fault}"
    if entry.act != audit.VIEW or head.count % _ANCHOR_EVERY == 0:
        _anchor(head, store)
    return ""


def record_sign_in(who: str, role: str, *, way: str, refused: bool) -> str:
    """Log that somebody signed in, or was refused: once for a session, by whoever opens its door; as ``record`` else."""
    return record(Entry(audit.REFUSED if refused else audit.SIGN_IN, who or "nobody", role, way, {}))


def _refusal(act: str, fault: NotAudited) -> NotAudited:
    return NotAudited(f"Refused: an act of this kind ({act}) is done only where it is logged. {fault}")


def _anchor(head: audit.Head, store: Path | None) -> None:
    """Keep how far the log reaches; the line stands without it, and `audit verify` says which line is the last anchored."""
    try:
        anchor(open_database(paths.records_url(store)), head, moment=datetime.now(UTC))
    except HotspotError as fault:
        _log.warning("line %s of the audit log is not anchored: %s", head.count, fault)
