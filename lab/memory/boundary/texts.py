"""What goes from Python to C in bulk: arrays as they are, and texts laid end to end with offsets, the Arrow layout."""

from collections.abc import Iterable, Sequence, Sized
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
    """A text in UTF-8; bytes as they are. Of a subclass the content, whatever its methods say.

    Raises:
        TypeError: It is neither.
        UnicodeEncodeError: It holds a lone surrogate.
    """
    if type(text) is str:
        return text.encode()
    if type(text) is bytes:
        return text
    if isinstance(text, str):
        return str.encode(text)  # not what a subclass makes of it
    if isinstance(text, bytes):
        return bytes(memoryview(text))
    raise TypeError(f"expected str or bytes, got {type(text).__name__}")


def encode_all(texts: Iterable[Any], place: str = "") -> list[bytes]:
    """Texts in UTF-8, each an object of its own.

    Args:
        texts: str or bytes.
        place: What to say after the number of a text that is wrong.

    Raises:
        TypeError: One is neither; the message names its number.
        UnicodeEncodeError: One holds a lone surrogate; the reason names its number.
    """
    encoded = []
    for number, text in enumerate(texts):
        try:
            encoded.append(encode(text))
        except UnicodeEncodeError as error:
            error.reason = f"item {number}{place} holds a lone surrogate, which UTF-8 cannot say"
            raise
        except TypeError:
            raise TypeError(f"item {number}{place} must be str or bytes, got {type(text).__name__}") from None
    return encoded


def readable(data: Any) -> tuple[Any, int]:
    """C's view of a text in UTF-8 or of a buffer, which it keeps alive and unmoved, and its length in bytes.

    Raises:
        TypeError: It is neither, or not contiguous.
        UnicodeEncodeError: The text holds a lone surrogate.
    """
    view = ffi.from_buffer(encode(data) if isinstance(data, str) else data)
    return view, len(view)


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
