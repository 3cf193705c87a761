"""Lists of texts laid end to end with offsets: the Arrow layout, made without a call per text where that can be."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi

Text = str | bytes
Offsets = npt.NDArray[np.int64]


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
    try:
        data = "".join(texts).encode()  # type: ignore[arg-type]
        lengths: Any = texts if len(data) == sum(map(len, texts)) else [text.encode() for text in texts]  # type: ignore[union-attr]
    except TypeError:
        lengths = [encode(text) for text in texts]
        data = b"".join(lengths)
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, lengths), np.int64, len(texts)), out=offsets[1:])
    return data, offsets


def offsets_pointer(offsets: Offsets) -> Any:
    """C's view of offsets; it keeps them alive."""
    return ffi.from_buffer("int64_t[]", offsets)
