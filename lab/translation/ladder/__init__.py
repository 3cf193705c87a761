"""The front end held against CPython's own `ast`, step by step, in every variant: what `lab verify-frontend` climbs."""

from lab.translation.ladder.cache import AnswerCache, cache_folder
from lab.translation.ladder.climb import Result, climb
from lab.translation.ladder.steps import STEPS, Difference, few_switches

__all__ = ["STEPS", "AnswerCache", "Difference", "Result", "cache_folder", "climb", "few_switches"]
