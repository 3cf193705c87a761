"""Tests and counts over lines of text: a loop over bytes, the C library, and each vector path of the layer."""

from experiments.claims import read_claims
from experiments.inputs import lines
from lab.core.schema import TIME, ClaimTest
from lab.experiment.declare import Arms, Experiment, Group, everywhere, words

LINES = Group(
    name="lines",
    title="Lines of 20 to 200 bytes",
    kernel="simd.scan",
    input=lines,
    factors=(
        words("op", "contains", "starts_with", "equals", "count_chars"),
        words("needle", "sparse", "dense"),
    ),
    arms=Arms(
        "way",
        "bytes",
        {
            "bytes": "A loop over bytes, not vectorised.",
            "libc": "memmem and memcmp of the C library.",
            "scalar": "The layer with words of 8 bytes.",
            "sse2": "The layer with 16-byte vectors.",
            "avx2": "The layer with 32-byte vectors.",
            "avx512": "The layer with 64-byte vectors.",
            "neon": "The layer with 16-byte vectors of ARM.",
        },
    ),
    kind="cache",
    null=lambda factors: factors["needle"] == "sparse",
    keep=lambda factors, _profile: (
        "characters are counted whatever the needle" * (factors == {"op": "count_chars", "needle": "dense"})
    ),
    passes={"callgrind": everywhere, "perf": everywhere},
    axis="op",
    series="needle",
    note=(
        "Time per byte, one call for each line. sparse: few lines hit, or two lines differ in their last byte; dense:"
        " many hit, or the lines are equal."
    ),
)
WIDE = ("sse2", "avx2", "avx512", "neon")

EXPERIMENT = Experiment(
    name="simd",
    title="Vectors: many bytes at once",
    question="Do vector instructions pay for searching and counting in short texts?",
    groups=(LINES,),
    claims=(
        *(ClaimTest("S1", TIME, way, {"op": op, "needle": "sparse"}, f"{op}, {way}")
          for op in ("contains", "equals") for way in WIDE),
        *(ClaimTest("S2", TIME, way, {"op": "count_chars"}, way) for way in WIDE),
    ),
    promises=read_claims,
    limits=(
        "Lines are short, so each call's own cost counts; whole columns are searched faster (see make bench)."
        " Vectors of 64 bytes lower the clock of some processors, which these short processes may not show."
    ),
)  # fmt: skip
