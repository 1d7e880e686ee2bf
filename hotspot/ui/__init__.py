"""The Streamlit application: the only place that imports streamlit."""
