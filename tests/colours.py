"""Colours as an eye takes them: contrast by WCAG 2.2, and what is left of a difference without one kind of cone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hotspot.maps import palette

# Machado, Oliveira and Fernandes (2009), A physiologically-based model for simulation of color vision deficiency,
# IEEE Transactions on Visualization and Computer Graphics 15: 1291–1298, matrices for severity 1.0, linear RGB.
SIGHT = {
    "full": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def linear(colours: tuple[str, ...]) -> NDArray[np.float64]:
    channels = np.array([palette.rgb(colour) for colour in colours]) / 255.0
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(colours: tuple[str, ...], sight: str) -> NDArray[np.float64]:
    """Give CIELAB (D65) of colours as a kind of sight sees them, shape (colours, 3)."""
    seen = np.clip(linear(colours) @ np.array(SIGHT[sight]).T, 0.0, 1.0)
    share = seen @ TO_XYZ.T / TO_XYZ.sum(axis=1)
    root = np.where(share > (6 / 29) ** 3, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.column_stack([116 * root[:, 1] - 16, 500 * (root[:, 0] - root[:, 1]), 200 * (root[:, 1] - root[:, 2])])


def distances(colours: tuple[str, ...], sight: str) -> NDArray[np.float64]:
    """Give ΔE76 of each pair of colours."""
    seen = lab(colours, sight)
    return np.linalg.norm(seen[:, None] - seen[None, :], axis=2)


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of WCAG 2.2, 1 to 21."""
    darker, lighter = sorted(linear((one, other)) @ LUMINANCE)
    return float((lighter + 0.05) / (darker + 0.05))


def laid_over(colour: str, opacity: float, ground: str) -> str:
    """Give the colour that a half transparent one makes on a ground."""
    mixed = opacity * np.array(palette.rgb(colour)) + (1 - opacity) * np.array(palette.rgb(ground))
    return "#" + "".join(f"{round(channel):02X}" for channel in mixed)
