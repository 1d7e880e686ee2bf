"""What is loaded, how it came in, and with which boundaries."""

from hotspot.ui.data import parts

parts.show()
