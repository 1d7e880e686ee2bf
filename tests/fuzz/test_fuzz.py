"""A short run of every target: whatever comes in gives a result or a sentence. ``make fuzz`` runs for minutes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from seed_files import WORDS
from targets import TARGETS, ran, seeds

EXAMPLES = 25


def changed(seed: bytes) -> st.SearchStrategy[bytes]:
    """Cut, overwrite and fill a sound file in some places."""
    place = st.integers(0, max(1, len(seed)))
    change = st.tuples(place, st.integers(0, 8), st.sampled_from(WORDS) | st.binary(max_size=8))

    def apply(changes: list[tuple[int, int, bytes]]) -> bytes:
        content = seed
        for at, removed, added in changes:
            content = content[:at] + added + content[at + removed :]
        return content

    return st.lists(change, max_size=6).map(apply)


def contents(target: str) -> st.SearchStrategy[bytes]:
    return st.one_of(*(changed(seed) for seed in seeds(target)), st.binary(max_size=200))


@pytest.mark.parametrize("target", TARGETS)
def test_any_bytes_give_a_result_or_a_sentence(target):
    @settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(contents(target))
    def check(content: bytes) -> None:
        ran(target, content)

    check()


@pytest.mark.parametrize("target", [name for name in TARGETS if name != "restore"])
def test_the_files_that_fuzzing_begins_with_are_sound(target):
    assert all(ran(target, seed) for seed in seeds(target))
