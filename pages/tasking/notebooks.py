"""Notebooks of findings: the cards that were pinned, in order, with notes; run again, exported."""

from hotspot.ui import notebooks

notebooks.show()
