"""Tasks that the workers of a test do: they leave a line for each time they are begun, so that a test sees who did what."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hotspot.errors import NotKnowable


def drawn(seed: int, log: Path, seconds: float = 0.3) -> bytes:
    """Draw numbers from the task's own seed, slowly."""
    with log.open("a") as file:
        file.write(f"{os.getpid()} {seed}\n")
    time.sleep(seconds)
    return np.random.default_rng(np.random.SeedSequence(11, spawn_key=(seed,))).normal(size=50).tobytes()


def slowly(function: Callable[..., Any], log: Path, *arguments: Any) -> Any:
    """Do a method's own task, slowly."""
    with log.open("a") as file:
        file.write(f"{os.getpid()} begun\n")
    time.sleep(0.1)
    return function(*arguments)


def refused(seed: int) -> int:
    """Refuse the third task."""
    if seed == 2:
        raise NotKnowable("The third cannot be known.", headline="No third")
    return seed
