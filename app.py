"""The application's entry: `streamlit run app.py`."""

import streamlit as st

from hotspot.ui import ready

ready.load()

app = st.App("hotspot/ui/shell.py")
