"""The little CSS that the theme cannot say. Retest the Streamlit selectors on each upgrade."""

from pathlib import Path

import streamlit as st

_CSS = (Path(__file__).parent / "style.css").read_text("utf-8")


def apply() -> None:
    """Put the product's CSS into the page."""
    st.html(f"<style>{_CSS}</style>")


def map_size(*, rest: str = "21.8rem", whole_force: bool) -> None:
    """Size a page's maps.

    Parameters
    ----------
    rest
        Height that the page leaves to everything else.
    whole_force
        A force is as wide as it is high or wider: its map is not much higher than its frame is wide, or it would be
        mostly empty.
    """
    wide = "78cqw" if whole_force else "400cqw"
    st.html(f"<style>:root{{--map-rest:{rest};--map-wide:{wide}}}</style>")
