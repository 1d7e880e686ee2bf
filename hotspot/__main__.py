"""``python -m hotspot``."""

from hotspot.cli import main

main()
