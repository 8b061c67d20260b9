"""Files as bytes, compressed or not, read without unpacking them first."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager

from .errors import MissingExtraError, ParseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

    from .progress import Progress

EXTENSIONS = (".gz", ".zst")
_UNPACKED = 1 << 30  # bytes that any file may unpack to, and
_RATIO = 200  # times its size beyond that: tables and RDF shrink to a tenth or so, bombs to a thousandth


class _Bounded:
    """Reads a decompressor's output, and stops where a file unpacks to far more than any table or graph does."""

    def __init__(self, file: IO[bytes], path: str, size: int) -> None:
        self._file, self._path, self._most, self._read = file, path, max(_UNPACKED, _RATIO * size), 0

    def _count(self, data: bytes) -> bytes:
        self._read += len(data)
        if self._read > self._most:
            raise ParseError(self._path, f"it unpacks to more than {self._most:,} bytes, {_RATIO} times its size, as only a compressed bomb does")
        return data

    def read(self, size: int = -1) -> bytes:
        return self._take(self._file.read, size if size >= 0 else 1 << 20)

    def readline(self, size: int = -1) -> bytes:
        return self._take(self._file.readline, size)

    def _take(self, source: Callable[[int], bytes], size: int) -> bytes:
        try:
            return self._count(source(size))
        except ParseError:
            raise
        except Exception as error:  # zlib and zstandard have errors of their own
            raise ParseError(self._path, f"the compressed data end early or are damaged: {error}") from None


@contextmanager
def open_bytes(path: str, progress: Progress) -> Iterator[IO[bytes]]:
    """A file for reading, unpacked if its extension is .gz or .zst; `progress` is told of the bytes on disk.

    Raises ParseError for a file that is not there, is damaged, or unpacks to far more than its size (a compressed bomb).
    """
    with ExitStack() as stack:
        try:
            raw = stack.enter_context(open(path, "rb"))
        except FileNotFoundError:
            name, message = (path, "there is no such file") if path else ("(empty path)", "expected the name of a file")
            raise ParseError(name, message) from None
        except IsADirectoryError:
            raise ParseError(path, "this is a directory. Name a file in it") from None
        except (OSError, ValueError) as error:
            raise ParseError(path, f"the file cannot be read: {error}") from error
        size = os.fstat(raw.fileno()).st_size
        source = stack.enter_context(progress.file(raw, f"reading {os.path.basename(path)}", size))
        if path.lower().endswith(EXTENSIONS):
            yield _Bounded(stack.enter_context(_unpacked(source, path)), path, size)  # type: ignore[misc]
        else:
            yield source


def _unpacked(source: IO[bytes], path: str) -> IO[bytes]:
    if path.lower().endswith(".gz"):
        import gzip

        return gzip.GzipFile(fileobj=source, mode="rb")  # type: ignore[return-value]
    import io

    try:
        import zstandard
    except ImportError:
        raise MissingExtraError("Reading .zst files", "tables") from None
    return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=True))
