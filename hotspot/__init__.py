"""Hotspot notebook: density, repeats and period comparison for police offence data."""

__version__ = "0.2.0"
