"""The application with a thread that writes, twice a second, what its keeper of results holds: `streamlit` for a bench.

``python -m bench.watched_app run app.py ...`` with the file's path in ``HOTSPOT_BENCH_FIGURES``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

from streamlit.web.cli import main

FIGURES = "HOTSPOT_BENCH_FIGURES"
_PAUSE = 0.5
"""Seconds between two writings."""


def _write(file: Path) -> None:
    unfinished = file.with_suffix(".new")
    while True:
        # Loaded by the application's own first import of it: to import it here would change the order of loading.
        keeping = sys.modules.get("hotspot.ui.keeping")
        if keeping is not None and hasattr(keeping, "KEEPER"):
            unfinished.write_text(json.dumps(vars(keeping.KEEPER.kept())), "utf-8")
            os.replace(unfinished, file)
        time.sleep(_PAUSE)


if __name__ == "__main__":
    threading.Thread(target=_write, args=(Path(os.environ[FIGURES]),), daemon=True).start()
    main()
