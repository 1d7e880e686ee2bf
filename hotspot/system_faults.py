"""What the machine refuses (disk, memory, handles, rights), as an analyst would say it, and what to do about it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from hotspot.errors import StoreError, Unavailable

_SPACE = "Free some space there, then try again."
_RIGHTS = "Give the account that runs this the right to that place, then try again."
_WAIT = "Wait a minute, then try again."
ADVICE = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EFBIG: "Raise the limit on the size of files of the account that runs this, then try again.",
    errno.EROFS: "Let the disk be mounted for writing, then try again.",
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EMFILE: _WAIT,
    errno.ENFILE: _WAIT,
    errno.EAGAIN: _WAIT,
    errno.ENOMEM: "Wait until others have ended their work or ask for less, then try again.",
    errno.EIO: "The disk may be failing: have it looked at.",
    errno.ESTALE: _WAIT,
    errno.ENOTCONN: _WAIT,
    errno.ETIMEDOUT: _WAIT,
    errno.ENOLCK: "The folder must lie on a local disk, where files can be locked.",
    errno.EOPNOTSUPP: "The folder must lie on a local disk, where files can be locked.",
}
"""What the machine refused → what to do. None of them says that a file is damaged."""


def number_of(fault: BaseException) -> int | None:
    """Give the number of what the machine refused; None where it refused nothing that is known here."""
    if isinstance(fault, MemoryError):
        return errno.ENOMEM
    if not isinstance(fault, OSError):
        return None
    if fault.errno is None and " requested and " in str(fault) and str(fault).endswith(" written"):
        return errno.ENOSPC  # numpy's words for a file that it could not write to its end
    return fault.errno if fault.errno in ADVICE else None


def reason(fault: BaseException) -> str:
    """Say what was refused, in a few words."""
    number = number_of(fault)
    if number is not None:
        return os.strerror(number)
    return (fault.strerror if isinstance(fault, OSError) else None) or str(fault) or type(fault).__name__


def advice(fault: BaseException) -> str:
    """Say what to do about it; empty where nothing more is known."""
    number = number_of(fault)
    return ADVICE[number] if number is not None else ""


def sentence(fault: BaseException, *, what: str, state: str = "") -> str:
    """Put together what could not be done, why, how things stand now, and what to do."""
    return " ".join(part for part in (f"{what} ({reason(fault)}).", state, advice(fault)) if part)


def unreadable(file: Path, fault: BaseException, *, remedy: str, name: str = "The store's file") -> StoreError:
    """Tell a file that is missing or damaged from one that the machine cannot give at the moment.

    Parameters
    ----------
    remedy
        What to do where the file is missing or damaged. It would lose data where the machine is at fault, and is not said then.
    """
    if number_of(fault) is not None:
        return StoreError(sentence(fault, what=f"{name} {file} cannot be read at the moment", state="Nothing was changed."))
    return StoreError(f"{name} {file} is missing or damaged ({fault}). {remedy}")


def refused(fault: BaseException) -> Unavailable | None:
    """Give the sentence for a page or a command that met a refusal nobody expected there; None where it was none."""
    if number_of(fault) is None:
        return None
    where = f" {fault.filename}" if isinstance(fault, OSError) and fault.filename else ""
    what = f"The machine could not use{where or ' its disk'}"
    if isinstance(fault, MemoryError) or number_of(fault) == errno.ENOMEM:
        what = "This needs more memory than is free on the machine"
    return Unavailable(sentence(fault, what=what, state="Nothing was changed."))
