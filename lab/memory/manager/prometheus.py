"""A manager's figures for Prometheus: as text, and as a collector for the official client's registry.

`families` is the one list of what is exported; the text and the collector say the same. The official client is needed
for the collector alone: `pip install portalis-lab[prometheus]`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from lab.memory.errors import LayerError, UnsupportedError
from lab.memory.manager.metrics import MemoryMetrics

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
PREFIX: Final = "portalis_memory_"
_LABEL_NAME: Final = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric with all its samples.

    Attributes:
        name: As it stands in the text; a counter's ends in `_total`.
        kind: counter or gauge.
        words: What it counts, and in what unit.
        samples: Labels and value of each.
    """

    name: str
    kind: Literal["counter", "gauge"]
    words: str
    samples: tuple[tuple[Labels, float], ...]


def families(metrics: MemoryMetrics, labels: Labels | None = None) -> list[Family]:
    """What is exported; what a manager does not have, or nobody measured, is left out.

    Args:
        metrics: One reading of a manager.
        labels: Further labels of every sample, such as the name of a service.

    Raises:
        LayerError: A label's name is none, or one of the exporter's own.
        ValueError: A label's value is no text.
    """
    given = _checked(labels)
    made: list[Family] = []

    def add(name: str, words: str, *samples: tuple[Labels, float | None]) -> None:
        kept = tuple(({**given, **own}, float(value)) for own, value in samples if value is not None)
        if kept:
            made.append(Family(PREFIX + name, "counter" if name.endswith("_total") else "gauge", words, kept))

    pools = metrics.pools.items()
    for name, attribute, words in _POOL:
        add(name, words, *(({"pool": kind}, getattr(pool, attribute)) for kind, pool in pools))
    parts = (
        (metrics.interner, _INTERNER),
        (metrics.arena, _ARENA),
        (metrics.team, _TEAM),
        (metrics.translation, _TRANSLATION),
        (metrics.linear, _LINEAR),
        (metrics.cache, _CACHE),
    )
    for part, table in parts:
        if part is not None:
            for name, attribute, words in table:
                add(name, words, ({}, getattr(part, attribute)))
    for name, attribute, words in _COPIES:
        add(name, words, ({}, getattr(metrics.copies, attribute)))
    for name, attribute, words in _TOTALS:
        add(name, words, ({}, getattr(metrics.totals, attribute)))
    refused = [({"component": fallback.component}, fallback.count) for fallback in metrics.fallbacks]
    add("fallbacks_total", "Times that plain allocation stood in for a component that failed.", *refused)
    return made


def _checked(labels: Labels | None) -> dict[str, str]:
    given = dict(labels or {})
    for name, value in given.items():
        if not isinstance(name, str) or not _LABEL_NAME.fullmatch(name) or name in {"pool", "component"}:
            raise LayerError(f"{name!r} cannot be a label here: take letters, digits and _, not 'pool' or 'component'")
        if not isinstance(value, str):
            raise ValueError(
                f"the value of the label {name!r} must be a str, got {type(value).__name__}: convert it with str()"
            )
    return given


_POOL: Final = (
    ("pool_hits_total", "hits", "Acquires served by a retained object."),
    ("pool_misses_total", "misses", "Acquires that built an object."),
    ("pool_hit_ratio", "hit_rate", "Hits per acquire, 0 to 1."),
    ("pool_returned_total", "returned", "Releases whose object was retained."),
    ("pool_discarded_total", "discarded", "Releases whose object was destroyed."),
    ("pool_live_objects", "live", "Objects acquired and not released."),
    ("pool_retained_objects", "retained", "Objects waiting for reuse."),
    ("pool_retained_objects_max", "retained_max", "Bound on the objects waiting for reuse."),
)
_INTERNER: Final = (
    ("interner_strings", "strings", "Distinct strings held."),
    ("interner_interned_total", "interned", "Requests that stored a new string."),
    ("interner_deduplicated_total", "deduplicated", "Requests that found their string stored."),
    ("interner_saved_bytes_total", "bytes_saved", "Bytes of text that were not stored again."),
    ("interner_footprint_bytes", "footprint_bytes", "Bytes of memory held, tables included."),
)
_ARENA: Final = (
    ("arena_arenas", "arenas", "Arenas made."),
    ("arena_allocations_total", "allocations", "Allocations served."),
    ("arena_resets_total", "resets", "Resets."),
    ("arena_requested_bytes_total", "requested_bytes", "Bytes asked for."),
    ("arena_padding_bytes_total", "padding_bytes", "Bytes spent on alignment."),
    ("arena_peak_bytes", "peak_bytes", "Sum of the arenas' peaks, in bytes."),
    ("arena_capacity_bytes", "capacity_bytes", "Bytes held from the system."),
)
_TEAM: Final = (
    ("team_teams_total", "teams", "Teams of native threads made."),
    ("team_workers", "workers", "Threads of the teams that have not ended."),
    ("team_batches_total", "batches", "Batches run by teams."),
    ("team_tasks_done_total", "done", "Tasks of teams that ended well."),
    ("team_tasks_failed_total", "failed", "Tasks of teams that failed."),
    ("team_tasks_cancelled_total", "cancelled", "Tasks of teams that never began."),
    ("team_arena_allocations_total", "arena_allocations", "Allocations from the arenas of teams."),
    ("team_arena_peak_bytes", "arena_peak_bytes", "Sum of the peaks of the arenas of teams, in bytes."),
    ("team_arena_capacity_bytes", "arena_capacity_bytes", "Bytes that the arenas of teams hold."),
)
_TRANSLATION: Final = (
    ("translation_sources_total", "tasks", "Sources translated, the failed ones included."),
    ("translation_failed_total", "failed", "Sources that failed."),
    ("translation_source_bytes_total", "source_bytes", "Bytes of source."),
    ("translation_output_bytes_total", "output_bytes", "Bytes of text, tokens or columns made."),
    ("translation_allocations_total", "allocations", "Calls that obtained memory while translating."),
    ("translation_allocated_bytes_total", "allocated_bytes", "Bytes obtained while translating."),
    ("translation_copies_total", "copies", "Copies made while translating."),
    ("translation_copied_bytes_total", "copied_bytes", "Bytes copied while translating."),
    ("translation_pool_hits_total", "pool_hits", "Buffers kept from an earlier source."),
    ("translation_pool_misses_total", "pool_misses", "Buffers made anew."),
    ("translation_interned_total", "interned", "Names stored."),
    ("translation_deduplicated_total", "deduplicated", "Names that were stored already."),
)
_LINEAR: Final = (
    ("linear_live_memories", "live", "Linear memories in use."),
    ("linear_memories_max", "capacity", "Linear memories that can be in use at once."),
    ("linear_acquired_total", "acquired", "Linear memories handed out."),
    ("linear_refused_total", "refused", "Linear memories refused."),
    ("linear_resets_total", "resets", "Times a linear memory was made as new."),
    ("linear_kept_bytes", "kept_bytes", "Bytes resident in linear memories that nobody uses."),
)
_CACHE: Final = (
    ("cache_hits_total", "hits", "References found in the processor's cache, as reported to the manager."),
    ("cache_misses_total", "misses", "References that missed the processor's cache, as reported to the manager."),
    ("cache_hit_ratio", "hit_rate", "Hits per reference, 0 to 1."),
)
_COPIES: Final = (
    ("copies_total", "copied_count", "Copies of inputs and configs made, in the whole process."),
    ("copied_bytes_total", "copied_bytes", "Bytes of inputs and configs copied, in the whole process."),
    ("shared_total", "shared_count", "Inputs, slices and configs handed out without a copy, in the whole process."),
    ("avoided_copies", "avoided_count", "Those handed out without a copy and not copied since."),
    ("avoided_copied_bytes", "avoided_bytes", "Bytes of those handed out without a copy and not copied since."),
)
_TOTALS: Final = (
    ("allocations_total", "allocations", "Calls that obtained memory from the system, in the whole process."),
    ("peak_bytes", "peak_bytes", "Most bytes held by the layer, in the whole process."),
    ("current_bytes", "current_bytes", "Bytes held by the layer, in the whole process."),
)


def exposition(metrics: MemoryMetrics, labels: Labels | None = None) -> str:
    """The text exposition format, version 0.0.4 (see CONTENT_TYPE).

    Raises:
        LayerError: A label's name is wrong.
    """
    return "".join(_lines(families(metrics, labels)))


def _lines(listed: list[Family]) -> Iterator[str]:
    for family in listed:
        yield f"# HELP {family.name} {_escape(family.words)}\n# TYPE {family.name} {family.kind}\n"
        for labels, value in family.samples:
            shown = ",".join(f'{name}="{_escape(content, quote=True)}"' for name, content in labels.items())
            yield f"{family.name}{{{shown}}} {_number(value)}\n" if shown else f"{family.name} {_number(value)}\n"


def _escape(content: str, *, quote: bool = False) -> str:
    escaped = content.replace("\\", "\\\\").replace("\n", "\\n")
    return escaped.replace('"', '\\"') if quote else escaped


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


class Collector:
    """What the official client's registry collects: `REGISTRY.register(Collector(manager.metrics))`.

    Args:
        read: Called at each scrape, on the scraper's thread.
        labels: Further labels of every sample.

    Raises:
        UnsupportedError: The official client is not installed.
    """

    __slots__ = ("_core", "_labels", "_read")

    def __init__(self, read: Callable[[], MemoryMetrics], labels: Labels | None = None) -> None:
        try:
            from prometheus_client import core
        except ImportError as error:
            raise UnsupportedError(
                "the Prometheus client is not installed: pip install portalis-lab[prometheus]"
            ) from error
        self._core: Any = core
        self._read = read
        self._labels = labels

    def collect(self) -> Iterator[Any]:
        """The client's metric families, of one reading."""
        kinds = {"counter": self._core.CounterMetricFamily, "gauge": self._core.GaugeMetricFamily}
        for family in families(self._read(), self._labels):
            names = list(family.samples[0][0])
            made = kinds[family.kind](family.name.removesuffix("_total"), family.words, labels=names)
            for labels, value in family.samples:
                made.add_metric([labels[name] for name in names], value)
            yield made
