"""Measurements of this product against its peers, and the driving of its pages in a browser."""
