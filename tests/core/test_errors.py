"""Errors carry the exit codes that their module draws."""

import re

import pytest

from lab.core import errors

TREE = dict(re.findall(r"(\w+) +exit (\d)", errors.__doc__ or ""))


def test_every_error_stands_in_the_drawing() -> None:
    classes = {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, Exception)}
    assert set(TREE) == classes


@pytest.mark.parametrize(("name", "code"), TREE.items())
def test_error_ends_with_the_exit_code_that_is_drawn(name: str, code: str) -> None:
    error = getattr(errors, name)("what to do")
    assert isinstance(error, errors.LabError)
    assert (error.exit_code, str(error)) == (int(code), "what to do")


def test_exit_codes_are_told_apart() -> None:
    codes = [value for name, value in vars(errors).items() if name.startswith("EXIT_")]
    assert len(set(codes)) == len(codes)
