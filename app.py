"""The application's entry: `streamlit run app.py`."""

import streamlit as st

import hotspot.ui.page  # noqa: F401  (what every page needs is loaded before the first visitor waits for it)

app = st.App("hotspot/ui/shell.py")
