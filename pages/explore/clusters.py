"""Where offences cluster beyond chance, how hotspots came and went, and offences per 1,000 by area."""

from hotspot.ui import cached, clusters, controls, style

chosen = controls.selection()
audience = controls.audience()
key = cached.key()

style.map_size(whole_force=chosen.is_whole_force, rest="27rem")
kind = clusters.view()
if kind == clusters.RATES:
    clusters.rates(key, chosen, audience)
elif kind == clusters.EMERGING:
    clusters.emerging(key, chosen, audience)
else:
    clusters.gi(key, chosen, audience)
