"""Import police.uk files in two processes and be killed after the n-th file: run by test_street_import.py.

``python killed_street_import.py STORE FOLDER N`` prints the steps where it was not killed.
"""

import os
import signal
import sys
from datetime import date, datetime
from pathlib import Path

from hotspot.geography import Force
from hotspot.offences import street_import
from hotspot.offences.load import import_sources

if __name__ == "__main__":
    store, source, last = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    street_import.SMALL = -1
    told: list[str] = []

    def progress(step: str) -> None:
        told.append(step)
        if last and sum(one.startswith("Read ") for one in told) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    import_sources(
        [source],
        store=store,
        forces=[Force("West Midlands"), Force("Leicestershire")],
        progress=progress,
        today=date(2014, 4, 30),
        imported_at=datetime(2024, 6, 30),
    )
    print("\n".join(told))
