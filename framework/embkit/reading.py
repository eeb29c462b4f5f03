"""Helpers for loaders, to read files as the bundled ones do.

Sources are checked before they are opened (`check_source`, `kind_of`), text is
read line by line within bounds (`reading`, `json_rows`, `read_records`), the
vector is found among columns and in cells in one way (`choose_vector`,
`parse_vector`), and so are ids, texts, labels and metadata (`choose_roles`,
`attach_columns`).
"""

from embkit.files.kinds import Kind, kind_of, remedy_of
from embkit.files.labels import RecordedLabels, read_labels
from embkit.files.sources import check_source, read_text
from embkit.files.tables.arrow import ArrowFile, is_arrow, opened_arrow
from embkit.files.tables.columns import VectorColumns, choose_vector, unknown_column
from embkit.files.tables.forms import Column, Form, form_of
from embkit.files.tables.parquet import check_parquet_room, column_values, opened_parquet
from embkit.files.tables.roles import attach_columns, choose_roles
from embkit.files.text.cells import (
    is_missing,
    is_number,
    looks_like_list,
    parse_vector,
    plain_number,
)
from embkit.files.text.delimited import column_names, read_records
from embkit.files.text.dialect import BLANKS, DELIMITERS, Dialect, sniff_dialect
from embkit.files.text.documents import json_rows, lookup
from embkit.files.text.lines import reading, text_lines

__all__ = [
    "BLANKS",
    "DELIMITERS",
    "ArrowFile",
    "Column",
    "Dialect",
    "Form",
    "Kind",
    "RecordedLabels",
    "VectorColumns",
    "attach_columns",
    "check_parquet_room",
    "check_source",
    "choose_roles",
    "choose_vector",
    "column_names",
    "column_values",
    "form_of",
    "is_arrow",
    "is_missing",
    "is_number",
    "json_rows",
    "kind_of",
    "looks_like_list",
    "lookup",
    "opened_arrow",
    "opened_parquet",
    "parse_vector",
    "plain_number",
    "read_labels",
    "read_records",
    "read_text",
    "reading",
    "remedy_of",
    "sniff_dialect",
    "text_lines",
    "unknown_column",
]
