"""RDF/XML from strangers: what the parser would take without a word, or hold in memory without end, is refused while it is read."""

from __future__ import annotations

from .errors import ParseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

TOO_LONG = "found a value longer than 16 MB, or a quotation mark or bracket that is never closed. Split the value, or close it"
_VALUE = 1 << 24  # bytes of a value: as much as the parser holds of the other formats
_HEAD = 1 << 20  # bytes in which the root element and all entities must be
_ENTITY = b"<!ENTITY"


class Guarded:
    """An RDF/XML file. Reading raises ParseError for XML that is not RDF/XML, which would read as nothing, for entities that could fill the
    memory, and for a text without end.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self._name = file, name
        self._head: bytes | None = None
        self._open, self._end = 0, b""  # the bytes since the last tag, and the last few bytes

    def read(self, size: int) -> bytes:
        if self._head is None:
            self._head = b""
            while len(self._head) < _HEAD and (part := self._file.read(_HEAD)):
                self._head += part
            self._check(self._head)
            self._end = self._head[-len(_ENTITY) :]
        if self._head:
            data, self._head = self._head[:size], self._head[size:]
            return data
        data = self._file.read(size)
        if _ENTITY in self._end[1:] + data:
            raise ParseError(self._name, "found an XML entity after the first megabyte. Write its text out where it is used")
        last = data.rfind(b">")
        self._open, self._end = self._open + len(data) if last < 0 else len(data) - last, data[-len(_ENTITY) :]
        if self._open > _VALUE:
            raise ParseError(self._name, TOO_LONG)
        return data

    def _check(self, head: bytes) -> None:
        import re

        if b"RDF" not in head:
            raise ParseError(self._name, "found no rdf:RDF element, so this is not RDF/XML. Save it as Turtle or as RDF/XML")
        entities = re.findall(rb"<!ENTITY[^\"'>]*([\"'])(.*?)\1", head, re.DOTALL)
        if len(entities) != head.count(_ENTITY):
            raise ParseError(self._name, "found an XML entity that does not end within the first megabyte. Write its text out where it is used")
        for _, value in entities:
            if b"&" in value or len(value) > 500:  # namespaces are often abbreviated so, and are short
                raise ParseError(self._name, "found a nested or long XML entity. Write its text out where it is used")
