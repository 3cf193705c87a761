"""Whole commands: time, peak memory and page faults.

Run it with: lab run --experiments FOLDER NAME
Change the three places marked below.
"""

import sys

from lab.experiment.declare import Arms, Experiment, Group, words
from lab.experiment.subjects import Command

EXPERIMENT = Experiment(
    name="NAME",
    title="NAME",
    question="What does it cost to import json?",
    groups=(
        Group(
            name="start",
            title="Starting the interpreter",
            # 1. The command; {module} stands for the arm, {count} for the level of the factor.
            subject=Command([sys.executable, "-S", "-c", "import {module}; sum(range({count}))"]),
            # 2. What takes the place of {module}; the first is the baseline.
            arms=Arms("module", "sys", {"sys": "Nothing that is not loaded.", "json": "A small package."}),
            # 3. What is varied.
            factors=(words("count", 1000),),
            axis="count",
            item="run",
            kind="allocating",
        ),
    ),
)
