"""Several ways of doing the same in C, in NAME.c beside this file.

Run it with: lab run --experiments FOLDER NAME
Change the places marked below; the C file says what to change there.
"""

from pathlib import Path

from lab.experiment.compiled import CSource
from lab.experiment.declare import Arms, Experiment, Group, words

EXPERIMENT = Experiment(
    name="NAME",
    title="NAME",
    question="Does it pay to look at set bits only?",
    groups=(
        Group(
            name="bits",
            title="Counting bits",
            # 1. Flags for the compiler, after -O3 -g.
            subject=CSource(Path(__file__).with_name("NAME.c"), cflags=()),
            # 2. The functions that the C file marks with LK_ARM; the first is the baseline.
            arms=Arms("arm", "bit_by_bit", {"bit_by_bit": "One bit after another.", "set_bits_only": "Set bits only."}),
            factors=(words("input", "random"),),
            axis="input",
            kind="cache",
        ),
    ),
)
