"""Commands of ``python -m hotspot``, one module per group; each has ``register``."""
