"""The one gate to the extension module: what needs Python's own objects, which cffi does not reach.

Exporter and Export count the views of an object's memory; Texts and the list functions read the str and bytes of a list
where they lie; the arrow functions speak the Arrow C data interface; is_utf8 checks the rows of a column.
"""

from lab._ffi import MissingNativeError

try:
    from lab._fast import (
        ArrowArray,
        BufferExporter,
        Export,
        Exporter,
        Texts,
        arrow_array,
        arrow_read_array,
        arrow_read_schema,
        arrow_read_stream,
        arrow_schema,
        arrow_view,
        is_utf8,
        list_intern,
        list_lookup,
        list_scan,
        offsets_rise,
        views_bytes,
        views_copy,
    )
except ImportError as error:
    raise MissingNativeError(
        f"lab._fast cannot be loaded ({error}): build it with `make setup`, or with `pip install -e .` in a clone "
        "(needs a C compiler)"
    ) from error

__all__ = [
    "ArrowArray",
    "BufferExporter",
    "Export",
    "Exporter",
    "Texts",
    "arrow_array",
    "arrow_read_array",
    "arrow_read_schema",
    "arrow_read_stream",
    "arrow_schema",
    "arrow_view",
    "is_utf8",
    "list_intern",
    "list_lookup",
    "list_scan",
    "offsets_rise",
    "views_bytes",
    "views_copy",
]
