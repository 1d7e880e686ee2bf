"""Offences: the canonical schema, the readers, validation, the store and demo data."""
