"""The application's entry: `streamlit run app.py`."""

import streamlit as st
from starlette.middleware import Middleware

from hotspot import secrecy
from hotspot.ui import ready
from hotspot.ui.gate import Gate
from hotspot.ui.headers import SecurityHeaders

secrecy.guard()
ready.load()

app = st.App("hotspot/ui/shell.py", middleware=[Middleware(SecurityHeaders), Middleware(Gate)])
