"""The little CSS that the theme cannot say. Retest the Streamlit selectors on each upgrade."""

from pathlib import Path

import streamlit as st

_CSS = (Path(__file__).parent / "style.css").read_text("utf-8")


def apply() -> None:
    """Put the product's CSS into the page."""
    st.html(f"<style>{_CSS}</style>")


def page_variables(**values: str) -> None:
    """Set a page's own CSS variables: ``map_rest`` is the height that the map leaves to everything else."""
    declarations = ";".join(f"--{name.replace('_', '-')}:{value}" for name, value in values.items())
    st.html(f"<style>:root{{{declarations}}}</style>")
