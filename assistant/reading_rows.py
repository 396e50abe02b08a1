"""The text of a log -> its rows: JSON objects, or a CSV table with a heading."""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from knowledge.errors import AetiaError


def csv_rows(text: str, is_column: Callable[[str], bool]) -> list[dict[str, str]] | None:
    """Rows of a table parted by commas, semicolons or tabs; None when its first line names no columns.

    is_column: whether a heading is known. A heading with a long number is a reading.
    """
    first = text.splitlines()[0] if text else ""
    mark = max(",;\t，", key=first.count)
    rows = list(csv.reader(io.StringIO(text.replace("，", ",")), delimiter="," if mark == "，" else mark))
    heads = [cell.strip() for cell in rows[0]] if rows else []
    if len(heads) < 2 or not any(map(is_column, heads)) or any(re.search(r"\d{3}", h) for h in heads):
        return None
    return [dict(zip(heads, row, strict=False)) for row in rows[1:]]


def json_rows(text: str) -> Sequence[Mapping[str, Any]]:
    """Rows of a JSON log: a list of objects, or an object whose `readings` is one. Raises AetiaError."""
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as fault:
        raise AetiaError(
            f"the log is no JSON: line {fault.lineno}, column {fault.colno}: {fault.msg}"
        ) from fault
    rows = raw.get("readings") if isinstance(raw, dict) else raw
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise AetiaError('the JSON must be a list of objects, or {"readings": [...]}, one object a reading')
    return rows
