"""Arrays that end with a scope, although their holder keeps them.

NumPy reads an array's memory without asking anyone, so an array cannot be taken away from whoever has it. An array of a
scope is therefore a `ScopedArray`, which notes every view made of it. The end of the scope turns each into an
`EndedArray`, by assigning its class: whatever is done with it then raises LeftScopeError. What escapes the type
(`np.asarray`, `memoryview`) keeps the memory alive and unmoved, as views do everywhere in the layer.
"""

import weakref
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from lab._extension import Exporter
from lab.memory.boundary.handle import look
from lab.memory.errors import LeftScopeError

Arrays = list["weakref.ref[Any]"]


class ScopedArray(np.ndarray):
    """An array of memory that ends with a scope. New arrays computed from it are plain ones."""

    _arrays: Arrays | None

    def __array_finalize__(self, made_from: Any) -> None:
        arrays = getattr(made_from, "_arrays", None)
        self._arrays = arrays
        if arrays is not None:
            arrays.append(weakref.ref(self))

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return array[()] if return_scalar else np.asarray(array)

    def __reduce__(self) -> Any:
        return np.asarray(self).__reduce__()


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise LeftScopeError(
        "this array came from a scope of an arena that was left, which ended its memory: copy what you need inside the "
        "`with` block"
    )


class EndedArray(ScopedArray):
    """What an array of a scope becomes when the scope is left: any use raises LeftScopeError."""

    def __getattribute__(self, name: str) -> Any:
        if name in ("__class__", "__weakref__"):
            return super().__getattribute__(name)
        _refuse()

    __array_ufunc__ = __array_function__ = __array_finalize__ = _refuse
    __getitem__ = __setitem__ = __len__ = __iter__ = __contains__ = __bool__ = _refuse
    __int__ = __float__ = __index__ = __complex__ = __reduce__ = __copy__ = __deepcopy__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __matmul__ = _refuse
    __iadd__ = __isub__ = __imul__ = __itruediv__ = __neg__ = __abs__ = __and__ = __or__ = __xor__ = _refuse
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "<array of a scope of an arena that was left>"

    __str__ = __repr__

    def __format__(self, _: str) -> str:
        return repr(self)


class Region(Exporter):
    """The memory of one scope: it counts the views of it, and keeps what owns the memory.

    Args:
        memory: What must live as long as the views.
    """

    __slots__ = ("_arrays", "_memory")

    def __init__(self, memory: Any) -> None:
        self._memory = memory
        self._arrays: Arrays = []

    def view(self, address: int, size_bytes: int) -> npt.NDArray[np.uint8]:
        """A writable view, shape (size_bytes,), that ends with `end_arrays`."""
        made = look(self, address, size_bytes, np.uint8, readonly=False).view(ScopedArray)
        made._arrays = self._arrays
        self._arrays.append(weakref.ref(made))
        return made

    def end_arrays(self) -> None:
        """End the views and all views of them; arrays computed from them live on."""
        for reference in self._arrays:
            array = reference()
            if array is not None and not array.flags.owndata:
                array.__class__ = EndedArray
        self._arrays.clear()
