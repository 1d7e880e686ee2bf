"""The application's entry: `streamlit run app.py`."""

import streamlit as st

app = st.App("hotspot/ui/shell.py")
