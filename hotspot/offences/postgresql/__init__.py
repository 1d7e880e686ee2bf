"""Offences that stay in a PostgreSQL database: read from a table or view, mapped like a file; never written to."""
