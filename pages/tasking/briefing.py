"""A notebook shown to a meeting, card by card, or taken away as slides, pages or one file."""

from hotspot.ui import briefing

briefing.show()
