"""Results of many tasks, in the order of the input, some of which may have failed."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar, overload

Result = TypeVar("Result")


class Indexed(Protocol):
    """Values by number: a list, a column."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Any: ...
    def __iter__(self) -> Iterator[Any]: ...


class OrderedResults(Sequence[Result], Generic[Result]):
    """Results in the order of the input; that of a task that failed raises when it is read."""

    def __init__(self, values: Indexed) -> None:
        self._values = values

    @abstractmethod
    def _error(self, index: int) -> Exception | None:
        """What stands in the way of the result at `index`, 0 <= index < len(self)."""

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def __getitem__(self, index: int) -> Result: ...
    @overload
    def __getitem__(self, index: slice) -> list[Result]: ...
    def __getitem__(self, index: int | slice) -> Result | list[Result]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        error = self._error(place)
        if error is not None:
            raise error
        value: Result = self._values[place]
        return value
