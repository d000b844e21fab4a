"""Events in Parquet files: one column of JSON, or columns as `pql.adapters.event_columns` names them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pql.adapters.event_columns import holds_lines, kind_of, lines, place
from pql.adapters.event_shape import Shape, shape_of
from pql.core.errors import Poison, PqlError

if TYPE_CHECKING:
    from pql.adapters.event_pieces import Piece

ROWS = 4_096
MISSING = "Parquet files need pyarrow: pip install -e '.[parquet]'"
_TEACHING = ("group", "identify")


class Table:
    """Some thousands of rows: what they say, if it can be said without lines, and the lines they could be."""

    def __init__(self, batch: Any, kind: str | None, shape: Shape | None) -> None:
        self._batch = batch
        self._kind = kind
        self._split: list[bytes] | None = None
        self.sents = None if shape is None else shape(batch)

    def lines(self) -> bytes:
        """Return the rows as lines that an SDK could have sent."""
        return lines(self._batch, self._kind)

    def line(self, number: int) -> bytes:
        """Return one of the lines."""
        if self._split is None:
            self._split = self.lines().split(b"\n")
        return self._split[number]


def tables(piece: Piece, tell: Callable[[int], None]) -> Iterator[Table]:
    """Yield the rows of a file, some thousands at a time.

    An object of a bucket is held as a whole. Raises `PqlError` without pyarrow, and `Poison` for no Parquet.
    """
    with _opened(piece) as file:
        share = (piece.size or 0) / max(file.metadata.num_rows, 1)
        kind = kind_of(piece.path)
        shape = shape_of(file.schema_arrow, kind)
        for batch in file.iter_batches(ROWS, use_threads=False):
            tell(round(share * batch.num_rows))
            yield Table(batch, kind, shape)


def teaching(piece: Piece) -> Iterator[bytes]:
    """Yield the rows of a file as lines, but for parts of it in which none is a group or identify call."""
    with _opened(piece) as file:
        names, kind = file.schema_arrow.names, kind_of(piece.path)
        types = [name for name in names if place(name, None)[0] == "type"]
        is_open = holds_lines(names) or kind in _TEACHING
        for group in range(file.num_row_groups):
            if is_open or any(map(_teaches, _types(file, group, types))):
                for batch in file.iter_batches(ROWS, row_groups=[group], use_threads=False):
                    yield lines(batch, kind)


@contextmanager
def _opened(piece: Piece) -> Iterator[Any]:
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra, and large
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise PqlError(MISSING) from error
    source = piece.file if piece.file is not None else pa.BufferReader(b"".join(piece.chunks()))
    try:
        with pq.ParquetFile(source) as file:
            yield file
    except pa.ArrowInvalid as error:
        raise Poison(f"{piece.name} is no Parquet file that can be read") from error


def _types(file: Any, group: int, columns: Sequence[str]) -> Iterator[Any]:
    if columns:
        for batch in file.iter_batches(ROWS, row_groups=[group], columns=columns, use_threads=False):
            for column in batch.columns:
                yield from column.to_pylist()


def _teaches(kind: Any) -> bool:
    return isinstance(kind, str) and kind.strip().lower() in _TEACHING
