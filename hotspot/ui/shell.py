"""The application's shell: page list, header, sidebar. Streamlit runs this file for every page."""

from __future__ import annotations

import streamlit as st

from hotspot import paths
from hotspot.ui import controls, gate, page, sign_in, style, vendor, way_back  # noqa: F401  (vendor: the map's assets before any page)

PAGES = {
    "overview": ("explore/overview.py", "Overview"),
    "density": ("explore/density.py", "Density"),
    "clusters": ("explore/clusters.py", "Clusters"),
    "compare": ("explore/compare.py", "Compare"),
    "when": ("explore/when.py", "When"),
    "repeat_victimisation": ("repeats/repeat_victimisation.py", "Repeat victimisation"),
    "near_repeats": ("repeats/near_repeats.py", "Near repeats"),
    "series": ("repeats/series.py", "Series"),
    "notebooks": ("tasking/notebooks.py", "Notebook"),
    "briefing": ("tasking/briefing.py", "Briefing"),
    "plans": ("tasking/plans.py", "4P plans"),
    "evaluation": ("tasking/evaluation.py", "Evaluation"),
    "accuracy": ("assurance/accuracy.py", "Accuracy"),
    "performance": ("assurance/performance.py", "Performance"),
    "investigation": ("assurance/investigation.py", "Investigation"),
    "data": ("assurance/data.py", "Data"),
    "audit": ("assurance/audit.py", "Audit"),
}
"""URL path (the file's stem) → file under ``pages/`` and menu title: a new page is one line here."""
_START = "overview"


def _home() -> None:
    query = st.query_params.to_dict()
    asked = (None if query else way_back.taken()) or way_back.Link(_START, query)
    st.switch_page(_pages[asked.page], query_params=asked.query)


st.set_page_config(page_icon=str(gate.ICON), layout="wide")
style.apply()
_pages = {
    url_path: st.Page(paths.ROOT / "pages" / file, title=title, url_path=url_path) for url_path, (file, title) in PAGES.items()
}
# Ten titles side by side would run into the marking: each folder is a menu.
_menus: dict[str, list[st.Page]] = {}
for url_path, (file, _) in PAGES.items():
    _menus.setdefault(file.partition("/")[0].capitalize(), []).append(_pages[url_path])
# The default page's own path would open a 'Page not found' dialog on a cold start; a hidden one that forwards does not.
_default = st.Page(_home, title="Home", default=True, visibility="hidden")
is_in = sign_in.let_in()
# All pages stay known to nobody too: a link that is opened before signing in is no page that does not exist.
current = st.navigation({"": [_default], **_menus}, position="top" if is_in else "hidden")
# Tabs, history and screen readers tell pages apart by their titles.
st.set_page_config(page_title=f"{current.title} · Hotspot notebook")
if is_in:
    page.run(current)
else:
    sign_in.offer(current.url_path or _START)
