"""Compile the named modules, or all of them: ``python -m hotspot.methods.compiled [NAME...]``."""

import sys

from hotspot.methods import compiled

for name in sys.argv[1:] or compiled.MODULES:
    compiled.warm(name)
