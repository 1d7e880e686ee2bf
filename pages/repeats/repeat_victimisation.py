"""How often the same premises, victim or vehicle."""
