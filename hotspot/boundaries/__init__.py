"""Force files, areas and place names: read, fetched, assigned."""
