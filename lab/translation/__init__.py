"""Python source to syntax tree to text or columns, in C, with every memory technique switchable by itself.

`convert` takes many files, `translate` one source, a `Session` one source after the other, a `Translator` batches on
native threads, `bridge_translator` rows of `lab.memory.TaskBatch`. What comes out is CPython's own
`ast.dump(ast.parse(source), include_attributes=True)`, whatever `Switches` are on; `lab verify-frontend` holds that.
"""

from lab.translation.batch import SourceBatch, SourceFailure, Translator, bridge_translator
from lab.translation.columns import NodeTable
from lab.translation.convert import Conversion, convert
from lab.translation.errors import (
    SourceError,
    TooDeepError,
    TranslationError,
    UnreadableError,
    UnsupportedGrammarError,
)
from lab.translation.ledger import TaskLedger
from lab.translation.session import Session, translate
from lab.translation.switches import Switches

__all__ = [
    "Conversion",
    "NodeTable",
    "Session",
    "SourceBatch",
    "SourceError",
    "SourceFailure",
    "Switches",
    "TaskLedger",
    "TooDeepError",
    "TranslationError",
    "Translator",
    "UnreadableError",
    "UnsupportedGrammarError",
    "bridge_translator",
    "convert",
    "translate",
]
