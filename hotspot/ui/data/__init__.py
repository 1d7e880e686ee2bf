"""The Data page: import, load report, mappings, boundaries and areas, delete."""
