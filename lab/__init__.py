"""portalis-lab: does this memory optimisation pay, on my machine, for my data?

>>> import lab
>>> run = lab.run("layout")
>>> run.frame()

`import lab` alone is cheap: what measures, judges and draws is imported at the first call. `import lab.memory` needs
cffi and NumPy only.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.api import ComparedRun, Options, Run, compare, open_run, resume, run
    from lab.translation import convert

__all__ = ["ComparedRun", "Options", "Run", "compare", "convert", "open_run", "resume", "run"]


def __getattr__(name: str) -> object:
    if name == "load_ipython_extension":  # %load_ext lab
        return import_module("lab.magic").load_ipython_extension
    if name in __all__:
        return getattr(import_module("lab.translation" if name == "convert" else "lab.api"), name)
    raise AttributeError(f"module 'lab' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__} - {"TYPE_CHECKING", "import_module"})
