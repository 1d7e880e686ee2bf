"""References of offences as fixed-size keys, so that millions are compared without their texts in memory.

police.uk writes a reference as 64 hexadecimal digits: its key is those 32 bytes, which no other such reference has.
Any other text has the SHA-256 of its UTF-8 bytes for a key.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

DIGITS, BYTES = 64, 32
_NO_DIGIT = 255
_VALUE = np.full(256, _NO_DIGIT, dtype=np.uint8)
_VALUE[np.frombuffer(b"0123456789abcdef", dtype=np.uint8)] = np.arange(16)


def trimmed(written: pa.Array) -> pa.Array:
    """Take white space off references; those without any text become null."""
    lengths = pc.binary_length(written)
    plain = pc.or_(pc.equal(lengths, 0), pc.equal(lengths, DIGITS))
    if not (pc.all(plain, min_count=0).as_py() and (_digits_of(written.filter(pc.equal(lengths, DIGITS))) != _NO_DIGIT).all()):
        written = pc.utf8_trim_whitespace(written)
        lengths = pc.binary_length(written)
    return pc.if_else(pc.greater(lengths, 0), written, pa.scalar(None, pa.string()))


def keys_of(references: pa.Array) -> NDArray[np.uint64]:
    """Give the key of each reference, shape ``(n, 4)``; null has a key of zeros."""
    found = np.zeros((len(references), BYTES), dtype=np.uint8)
    long_enough = pc.fill_null(pc.equal(pc.binary_length(references), DIGITS), False)
    at = np.flatnonzero(long_enough.to_numpy(zero_copy_only=False))
    digits = _digits_of(references if len(at) == len(references) else references.take(pa.array(at)))
    hexadecimal = (digits != _NO_DIGIT).all(axis=1)
    digits = digits[hexadecimal]
    found[at[hexadecimal]] = digits[:, 0::2] << 4 | digits[:, 1::2]
    others = np.ones(len(references), dtype=bool)
    others[at[hexadecimal]] = False
    others &= references.is_valid().to_numpy(zero_copy_only=False)
    for place in np.flatnonzero(others):
        found[place] = np.frombuffer(hashlib.sha256(references[place].as_py().encode()).digest(), dtype=np.uint8)
    return found.view(np.uint64)


def hashes_of(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Fold keys to 64 bits: equal keys have equal hashes, and what has equal hashes is compared whole."""
    return keys[:, 0] ^ keys[:, 1]


def marks_of(references: pa.Array) -> NDArray[np.uint64]:
    """Give the hash of each reference, 0 where there is none: a reference is among others only if its mark is."""
    marks = np.maximum(hashes_of(keys_of(references)), 1)
    marks[~references.is_valid().to_numpy(zero_copy_only=False)] = 0
    return marks


def _digits_of(references: pa.Array) -> NDArray[np.uint8]:
    """Give the digits of references that are all ``DIGITS`` bytes long, 255 where a byte is none."""
    if not len(references):
        return np.empty((0, DIGITS), dtype=np.uint8)
    _, offsets, text = references.buffers()
    first = int(np.frombuffer(offsets, dtype=np.int32)[references.offset])
    letters = np.frombuffer(text, dtype=np.uint8)[first : first + DIGITS * len(references)]
    return _VALUE[letters].reshape(-1, DIGITS)
