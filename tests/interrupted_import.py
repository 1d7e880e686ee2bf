"""Import a file and be killed at the n-th step that touches the disk: run by test_store.py in a process of its own.

``python interrupted_import.py STORE FILE N`` prints the number of steps where it was not killed.
"""

import os
import signal
import sys
from datetime import date, datetime
from pathlib import Path

from hotspot.offences import atomic
from hotspot.offences.load import import_sources

store, source, last = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
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
print(" ".join(steps))
