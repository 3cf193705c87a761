"""What goes from Python to C in bulk: arrays as they are, and texts laid end to end with offsets, the Arrow layout."""

from collections.abc import Sequence, Sized
from typing import Any

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi

Text = str | bytes
Offsets = npt.NDArray[np.int64]
PLAIN_KINDS = "biufc"  # NumPy exports these as buffers itself; dates and records only as bytes


def raw(elements: npt.NDArray[Any]) -> Any:
    """C's view of the bytes of a contiguous array; it keeps the array alive."""
    return ffi.from_buffer(elements if elements.dtype.kind in PLAIN_KINDS else elements.view(np.uint8))


def encode(text: Text) -> bytes:
    """A text in UTF-8; bytes as they are.

    Raises:
        TypeError: It is neither.
        UnicodeEncodeError: It holds a lone surrogate.
    """
    if isinstance(text, str):
        return text.encode()
    if isinstance(text, bytes):
        return text
    raise TypeError(f"expected str or bytes, got {type(text).__name__}")


def join(texts: Sequence[Text]) -> tuple[bytes, Offsets]:
    """The bytes of all texts end to end, and where each begins and ends.

    Returns:
        The bytes, and offsets of shape (len(texts) + 1,) that begin with 0.

    Raises:
        TypeError: A text is neither str nor bytes.
        UnicodeEncodeError: One holds a lone surrogate.
    """
    lengths: Sequence[Sized] = texts
    try:
        if texts and isinstance(texts[0], str):
            data = "".join(texts).encode()  # type: ignore[arg-type]
            if len(data) != sum(map(len, texts)):  # not ASCII alone
                lengths = [encode(text) for text in texts]
        else:
            data = b"".join(texts)  # type: ignore[arg-type]
    except TypeError:  # both kinds, or something else
        encoded = [encode(text) for text in texts]
        data, lengths = b"".join(encoded), encoded
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, lengths), np.int64, len(texts)), out=offsets[1:])
    if offsets[-1] != len(data):
        raise TypeError("expected str or bytes, got a buffer of wider items")
    return data, offsets
