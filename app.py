"""The application's entry: `streamlit run app.py`."""

import streamlit as st
from starlette.middleware import Middleware

import hotspot.ui.page  # noqa: F401  (what every page needs is loaded before the first visitor waits for it)
from hotspot import secrecy
from hotspot.ui.headers import SecurityHeaders

secrecy.guard()
app = st.App("hotspot/ui/shell.py", middleware=[Middleware(SecurityHeaders)])
