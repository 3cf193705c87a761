"""Run it with: pytest test_speed.py."""

from pathlib import Path

import new
import old

SAMPLE = Path(__file__).with_name("sample.txt")


def test_new_parser_is_not_slower(compare):
    compare(baseline=old.parse, candidate=new.parse, data=SAMPLE).not_slower(by=0.2)


def test_counting_with_len_is_not_slower(compare):
    compare(baseline=new.count, candidate=new.count_with_len, data=SAMPLE, setup=new.lines).not_slower(by=0.2)
