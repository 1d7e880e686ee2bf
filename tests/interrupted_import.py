"""Import a file and be killed at the n-th step that touches the disk: run by test_store.py in a process of its own.

``python interrupted_import.py FILE STORE N [STORE N …]`` imports into each store in a process that is killed at its step N, and
prints for each how that ended; 0 kills none, and its steps are printed.
"""

import os
import signal
import sys
from datetime import date, datetime
from pathlib import Path

from hotspot.offences import atomic
from hotspot.offences.load import import_sources


def killed_at(last: int, source: Path, store: Path) -> None:
    steps: list[str] = []

    def killing(name: str, step):
        def wrapped(*arguments, **options):
            steps.append(name)
            if len(steps) == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return step(*arguments, **options)

        return wrapped

    os.replace = killing("replace", os.replace)
    os.fsync = killing("fsync", os.fsync)
    os.unlink = killing("unlink", os.unlink)
    Path.unlink = killing("unlink", Path.unlink)
    atomic.shutil.rmtree = killing("rmtree", atomic.shutil.rmtree)
    import_sources([source], store=store, today=date(2024, 6, 30), imported_at=datetime(2024, 6, 30))
    print(" ".join(steps), flush=True)


source, *pairs = sys.argv[1:]
for store, step in zip(pairs[::2], pairs[1::2], strict=True):
    child = os.fork()
    if not child:
        killed_at(int(step), Path(source), Path(store))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
