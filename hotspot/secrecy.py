"""Keep secrets out of what is logged and said: the records' password, the cookie secret, the client secret of sign-in.

Nothing logs a secret by intention. A library's exception may hold an address with its password, and tracebacks are logged whole.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
import tomllib
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote

from hotspot.paths import ROOT

HIDDEN = "[secret]"
SECRETS_FILES = (ROOT / ".streamlit" / "secrets.toml", Path.home() / ".streamlit" / "secrets.toml")
_SHORTEST = 4
"""Characters: hiding every 'a' would hide the log."""
_TELLS = re.compile("secret|password|passwd|token|api_?key", re.IGNORECASE)
_OURS = ("HOTSPOT_", "STREAMLIT_", "PG")
"""Beginnings of the environment variables that this product, Streamlit and PostgreSQL's library read."""
_IN_URL = re.compile(r"://[^:@/]*:(?P<password>.+)@")
_IN_QUERY = re.compile(r"[?&][^=&]*password=(?P<password>[^&]+)", re.IGNORECASE)


def known() -> tuple[str, ...]:
    """Give the secrets of this process, the longest first."""
    named = (value for name, value in os.environ.items() if name.startswith(_OURS) and _is_secret(name))
    found = [*named, *_of_url(os.environ.get("HOTSPOT_RECORDS", "")), *_of_files()]
    written = {form for secret in found for form in (secret, unquote(secret)) if len(form) >= _SHORTEST}
    return tuple(sorted(written, key=lambda secret: (-len(secret), secret)))


def _of_url(url: str) -> list[str]:
    matches = (pattern.search(url) for pattern in (_IN_URL, _IN_QUERY))
    return [match["password"] for match in matches if match]


def _of_files() -> Iterator[str]:
    """Of Streamlit's secrets, and of the file that says who may sign in: it names one that holds what proves the proxy."""
    access = os.environ.get("HOTSPOT_ACCESS", "").strip()
    for file in (*SECRETS_FILES, *([Path(access)] if access else [])):
        try:
            yield from _told(tomllib.loads(file.read_text("utf-8")), file.parent)
        except (OSError, ValueError):
            continue  # whoever needs the file says what is wrong with it


def _told(table: Mapping[str, Any], folder: Path) -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _told(value, folder)
        elif isinstance(value, str) and name.endswith("secret_file"):
            yield (folder / value).read_text("utf-8").strip()
        elif isinstance(value, str) and f"{name}_file" not in table:  # else it is the name of a header
            yield from [value] if _is_secret(name) else _of_url(value)


def _is_secret(name: str) -> bool:
    return bool(_TELLS.search(name)) and not name.lower().endswith(("_file", "_path"))


def hide(text: str, secrets: tuple[str, ...] | None = None) -> str:
    """Give a text with every secret replaced; left out, the secrets that this process knows now."""
    for secret in known() if secrets is None else secrets:
        text = text.replace(secret, HIDDEN)
    return text


def torn(url: str) -> bool:
    """Tell whether a password ends early: it has an @ of its own, whose rest would be taken, and shown, as the host's name."""
    return "://" in url and url.partition("?")[0].count("@") > 1


def guard() -> None:
    """Hide the secrets that are known now in every log record and in the traceback of whatever ends the process or a thread."""
    secrets = known()
    make = getattr(logging.getLogRecordFactory(), "unguarded", logging.getLogRecordFactory())
    logging.setLogRecordFactory(_factory(make, secrets))
    sys.excepthook = _excepthook(secrets)
    threading.excepthook = lambda ended: sys.excepthook(ended.exc_type, ended.exc_value, ended.exc_traceback)


def _factory(make: Callable[..., logging.LogRecord], secrets: tuple[str, ...]) -> Callable[..., logging.LogRecord]:
    def guarded(*arguments: Any, **keywords: Any) -> logging.LogRecord:
        record = make(*arguments, **keywords)
        record.msg = _hidden(record.msg, secrets)
        record.args = _hidden(record.args, secrets)
        if record.exc_info and record.exc_info[1] is not None:
            # A formatter that finds the text ready does not make it again.
            record.exc_text = hide("".join(traceback.format_exception(record.exc_info[1])).rstrip("\n"), secrets)
        return record

    guarded.unguarded = make  # type: ignore[attr-defined]
    return guarded


def _hidden(given: Any, secrets: tuple[str, ...]) -> Any:
    """Hide secrets in a record's arguments; one that would show a secret becomes its text, all others stay what they are."""
    if isinstance(given, Mapping):
        return {name: _hidden(value, secrets) for name, value in given.items()}
    if isinstance(given, tuple):
        return tuple(_hidden(value, secrets) for value in given)
    shown = str(given)
    return hide(shown, secrets) if any(secret in shown for secret in secrets) else given


def _excepthook(secrets: tuple[str, ...]) -> Callable[[type[BaseException], BaseException | None, TracebackType | None], None]:
    def told(kind: type[BaseException], fault: BaseException | None, trace: TracebackType | None) -> None:
        sys.stderr.write(hide("".join(traceback.format_exception(kind, fault, trace)), secrets))

    return told
