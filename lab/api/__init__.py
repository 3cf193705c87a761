"""The lab in a few calls: what the command line and notebooks share.

>>> run = lab.run("layout")          # plan, measure, seal, report
>>> run.frame()                      # every comparison as a DataFrame
>>> run.plot()                       # the figures

Here the layers meet: the runner of `lab.experiment` is given the stopping rule of `lab.analysis`, and what it measured
goes through `lab.analysis` to `lab.report`.
"""

from lab.api.arms import ArmsFailed
from lab.api.baselines import Baselines, read_baselines, write_baseline
from lab.api.calibrate import calibrate
from lab.api.compare import ComparedRun, compare, run_arms
from lab.api.gates import check_gate, measure_figures
from lab.api.runs import (
    Options,
    Run,
    default_experiments,
    execute,
    experiments,
    open_run,
    plan,
    plan_experiments,
    price,
    project_folder,
    reports_folder,
    resume,
    run,
)

__all__ = [
    "ArmsFailed",
    "Baselines",
    "ComparedRun",
    "Options",
    "Run",
    "calibrate",
    "check_gate",
    "compare",
    "default_experiments",
    "execute",
    "experiments",
    "measure_figures",
    "open_run",
    "plan",
    "plan_experiments",
    "price",
    "project_folder",
    "read_baselines",
    "reports_folder",
    "resume",
    "run",
    "run_arms",
    "write_baseline",
]
