"""Hotspot notebook: density, repeats and period comparison for police offence data."""

from hotspot import file_drivers

__version__ = "0.2.0"
file_drivers.restrict()
