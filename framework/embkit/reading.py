"""Helpers for loaders, to read files as the bundled ones do.

Sources are checked before they are opened (`check_source`, `kind_of`), text is
read line by line within bounds (`reading`, `json_objects`, `read_records`), and
the columns of a table become ids, texts, labels and metadata in one way
(`choose_roles`, `attach_columns`).
"""

from embkit.files.delimited import (
    DELIMITERS,
    Dialect,
    is_number,
    looks_like_list,
    read_records,
    sniff_dialect,
)
from embkit.files.jsonlines import json_objects
from embkit.files.kinds import Kind, kind_of, remedy_of
from embkit.files.labels import RecordedLabels, read_labels
from embkit.files.lines import reading
from embkit.files.sources import check_source
from embkit.files.tables import attach_columns, choose_roles, unknown_column

__all__ = [
    "DELIMITERS",
    "Dialect",
    "Kind",
    "RecordedLabels",
    "attach_columns",
    "check_source",
    "choose_roles",
    "is_number",
    "json_objects",
    "kind_of",
    "looks_like_list",
    "read_labels",
    "read_records",
    "reading",
    "remedy_of",
    "sniff_dialect",
    "unknown_column",
]
