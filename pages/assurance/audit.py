"""Who did what with the data, and whether the log of it is whole; for administrators."""

from hotspot.ui import audit

audit.show()
