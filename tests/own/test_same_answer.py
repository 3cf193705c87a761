"""Answers are compared by value, whatever they are made of."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from lab.experiment.same_answer import describe, same_answer


class Node:
    def __init__(self, value: object) -> None:
        self.value = value


class Slotted:
    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


@dataclass
class Point:
    x: float
    y: float


def other_revision(kind: type) -> type:
    """A class of the same name, as another revision of its module defines it."""
    made = type(kind.__name__, (kind,), {})
    made.__qualname__ = kind.__qualname__
    return made


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (1, 1),
        (1, 1.0),
        (math.nan, math.nan),
        ([1, [2, {"a": (3,)}]], [1, [2, {"a": (3,)}]]),
        ({"a": math.nan}, {"a": math.nan}),
        ({1, 2}, {2, 1}),
        (np.array([1.0, np.nan]), np.array([1.0, np.nan])),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]})),
        (Node([1]), Node([1])),
        (Node([1]), other_revision(Node)([1])),
        (Slotted(2), other_revision(Slotted)(2)),
        (Point(1, 2), other_revision(Point)(1, 2)),
        (None, None),
    ],
)
def test_equal(one: object, two: object) -> None:
    assert same_answer(one, two)


@pytest.mark.parametrize(
    ("one", "two", "said"),
    [
        (1, 2, "1 and 2"),
        (1, True, "int 1 and bool True"),
        (1, "1", "int 1 and str '1'"),
        ([1, 2], [1, 3], "at [1] 2 and 3"),
        ([1], [1, 2], "of length 1 and 2"),
        ([1], (1,), "list [1] and tuple (1,)"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "at ['a']['b'] 1 and 2"),
        ({"a": 1}, {"b": 1}, "{'a': 1} and {'b': 1}"),
        (np.array([1]), np.array([2]), "array([1]) and array([2])"),
        (np.array([1]), np.array([1.0]), "array([1]) and array([1.])"),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]}), "a"),
        (Node(1), Node(2), "at .value 1 and 2"),
        (Slotted([1]), Slotted([2]), "at .value[0] 1 and 2"),
    ],
)
def test_different_and_where(one: object, two: object, said: str) -> None:
    assert not same_answer(one, two)
    assert said in describe(one, two)


def test_path_to_the_difference_is_in_order() -> None:
    assert describe([{"a": [0, 1]}], [{"a": [0, 2]}]) == "at [0]['a'][1] 1 and 2"
