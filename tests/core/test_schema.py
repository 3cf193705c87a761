"""The records of a run: what is written is read back, and what is not known is refused."""

import msgspec
import pytest

from lab.core.schema import MEASUREMENT_FIELDS, Measurement, Plan
from tests.store.plans import a_plan, a_row


def test_plan_survives_its_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(a_plan()), type=Plan) == a_plan()


def test_row_survives_its_json_and_defaults_are_left_out() -> None:
    data = msgspec.json.encode(a_row(1.5, block=2))
    assert msgspec.json.decode(data, type=Measurement) == a_row(1.5, block=2)
    assert b"preempted" not in data


@pytest.mark.parametrize("damage", [{"unheard_of": 1}, {"seed": "seven"}, {"schema": None}, {"cases": [{}]}])
def test_plan_that_is_not_one_is_refused(damage: dict[str, object]) -> None:
    data = {**msgspec.to_builtins(a_plan()), **damage}
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(data), type=Plan)


@pytest.mark.parametrize(("field", "value"), [("status", "fine"), ("provenance", "guessed"), ("value", "1.0")])
def test_row_with_a_word_of_no_meaning_is_refused(field: str, value: str) -> None:
    data = {**msgspec.to_builtins(a_row()), field: value}
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(data), type=Measurement)


def test_plan_of_the_first_schema_is_read_and_judged_by_the_rule_it_was_made_with() -> None:
    data = msgspec.to_builtins(a_plan(schema=1))
    for name in ("procedure", "mixture"):
        del data["rule"][name]
    for metric in data["metrics"]:
        del metric["context"]
    for case in data["cases"]:
        del case["priority"]
    read = msgspec.json.decode(msgspec.json.encode(data), type=Plan)
    assert (read.rule.procedure, read.rule.mixture) == ("union bound", 0.5)
    assert (read.cases[0].priority, read.metrics[0].context) == (1, False)


def test_columns_of_the_table_are_the_fields_of_a_row_with_their_widths() -> None:
    assert list(MEASUREMENT_FIELDS) == list(Measurement.__struct_fields__)
    widths = {
        name: MEASUREMENT_FIELDS[name] for name in ("case", "value", "items", "replicate", "position", "preempted")
    }
    assert widths == {
        "case": "string", "value": "float64", "items": "int64", "replicate": "int32", "position": "int8",
        "preempted": "bool",
    }  # fmt: skip
