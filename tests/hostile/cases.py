"""The corpus: each hostile or broken file with the way in, and the sentence that an analyst reads.

A file that is refused leaves the store and the records as they were, byte for byte. One that can be read all the same (an odd
encoding, a slip in some rows) is read, and the report says what an analyst must know.
"""

from cases_offences import COLUMNAR, EXTRACT, POLICE_UK, WORKBOOKS
from cases_others import AREAS, BACKUPS, LAYERS, SETTINGS, TABLES

CASES = (*POLICE_UK, *EXTRACT, *WORKBOOKS, *COLUMNAR, *AREAS, *LAYERS, *TABLES, *SETTINGS, *BACKUPS)
"""Every file of the corpus."""
