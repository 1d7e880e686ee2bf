"""Results written to files an analyst can keep."""
