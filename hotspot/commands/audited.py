"""Every command that opens a store leaves a line in its audit log: who, what, which selection, which file, how many rows."""

from __future__ import annotations

import getpass
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand

if TYPE_CHECKING:
    from hotspot.records.audit import Value

_IMPORT, _CHANGE = "import", "change"
_ACTS = {
    "import": _IMPORT,
    "demo": _IMPORT,
    "backup": "back-up",
    "restore": "restore",
    "boundaries fetch": _CHANGE,
    "boundaries import": _CHANGE,
    "layers import": _CHANGE,
    "layers remove": _CHANGE,
    "events add": _CHANGE,
    "events remove": _CHANGE,
    "events import": _CHANGE,
    "retention": _CHANGE,
}
"""Commands that do more than show or write a file."""
_TOLD = (
    *("crime_type", "start", "end", "period", "baseline", "against", "area", "lpa", "level", "date_basis", "source", "audience"),
    *("by", "on", "size", "shape", "cell_size", "bandwidth", "kernel", "distance", "days", "window_days", "minimum", "metric"),
    *("permutations", "simulations", "seed", "as_at", "outcomes", "denominator", "threshold", "comparison", "before", "after"),
    *("keep", "number", "overdue", "force"),
)
"""Options that say what was looked at; those that name files, or hold text that a person typed, are not told."""


@dataclass(frozen=True)
class _Running:
    """The command that runs."""

    name: str
    parameters: dict[str, Any]

    @property
    def store(self) -> Path | None:
        return self.parameters.get("store")


_RUNNING: ContextVar[_Running | None] = ContextVar("running", default=None)


class AuditedCommand(TyperCommand):
    """A command whose run is logged where it opens a store; `audit` itself only reads the log."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command, then log it; refuse it before where it must be logged and cannot be."""
        name = " ".join(ctx.command_path.split()[-2 if ctx.parent.parent else -1 :])
        running = _Running(name, dict(ctx.params))
        if (running.store is None and name not in _ACTS) or name.startswith("audit "):
            return super().invoke(ctx)
        from hotspot.records import audit, audit_acts

        is_preview = running.parameters.get("is_applied") is False
        act = audit.VIEW if is_preview else _ACTS.get(name, audit.VIEW)
        writes = running.parameters.get("out") is not None
        if name != "restore":  # into an empty place: the log begins with it
            audit_acts.refuse_unaudited(audit.EXPORT if writes and act == audit.VIEW else act, store=running.store)
        token = _RUNNING.set(running)
        try:
            result = super().invoke(ctx)
        finally:
            _RUNNING.reset(token)
        if act != audit.VIEW or not writes:
            _log(running, act, {})
        return result


def wrote(out: Path) -> None:
    """Log a file that the running command has written; take it away again where that cannot be logged and must be.

    Raises
    ------
    NotAudited
        If it cannot be logged, and exports are refused without.
    """
    running = _RUNNING.get()
    if running is None:
        return
    from hotspot.errors import NotAudited
    from hotspot.export.rows import rows_of
    from hotspot.records import audit

    try:
        _log(running, audit.EXPORT, {"format": out.suffix.lower(), "rows": rows_of(out.read_bytes(), out.suffix)})
    except NotAudited:
        out.unlink(missing_ok=True)
        raise


def _log(running: _Running, act: str, more: dict[str, Value]) -> None:
    from hotspot import paths
    from hotspot.commands import output
    from hotspot.offences.store import Store
    from hotspot.records import audit_acts
    from hotspot.records.audit import Entry
    from hotspot.viewer import LOCAL

    store = running.store
    opened = Store(store or paths.store_folder())
    data = opened.fingerprint if opened.exists else ""
    told = {name: _plain(running.parameters[name]) for name in _TOLD if _is_told(running.parameters.get(name))}
    notebook = running.parameters.get("notebook") or (
        running.parameters.get("name") if running.name.startswith("notebook ") else None
    )
    if notebook:
        told["notebook"] = audit_acts.fingerprint("notebook", notebook)
    caution = audit_acts.record(Entry(act, user(), LOCAL.role, f"command {running.name}", told | more, data), store=store)
    if caution:
        output.warn([caution])


def _is_told(value: Any) -> bool:
    """Say whether a value is no file: options of one name mean a file in one command and a name in another."""
    first = value[0] if isinstance(value, list | tuple) and value else value
    return first is not None and not isinstance(first, Path) and value != [] and value != ()


def _plain(value: Any) -> Value:
    return (
        value
        if isinstance(value, str | int | float | bool)
        else ", ".join(map(str, value))
        if isinstance(value, list | tuple)
        else str(value)
    )


def user() -> str:
    """Name who runs a command: the account of the operating system."""
    try:
        return f"{getpass.getuser()} (shell)"
    except (KeyError, OSError):
        return "unknown account (shell)"
