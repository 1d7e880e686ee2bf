"""What people write: notebooks of findings, plans, events. A database beside the store, which imports never touch."""
