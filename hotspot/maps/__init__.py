"""Results drawn as maps: one scene, two renderers (folium on screen, matplotlib for stills)."""
