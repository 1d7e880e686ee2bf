"""What a page shows and a command prints: offences selected, methods called, the headline said."""
