"""RDF files: read them, write Turtle in its one canonical form, follow imports. Never the network.

What only a rare path needs (regular expressions, XML, temporary files) is imported on that path.
"""

from __future__ import annotations

import io
import os
from itertools import islice

import pyoxigraph as ox

from . import compressed
from .canonical import Writer, labelled, says_the_same
from .errors import CtresError, ParseError
from .progress import Progress
from .rdfxml import TOO_LONG, Guarded
from .terms import PREFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO

Path = str | os.PathLike[str]

FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".jsonld": ox.RdfFormat.JSON_LD,
} | dict.fromkeys((".rdf", ".owl", ".xml"), ox.RdfFormat.RDF_XML)

_LONGEST = 1 << 20  # of a line that is shown

# What the parser says, and what CTRES says instead to the person who has to mend the file.
_MESSAGES = {
    "has not been declared": "the prefix “{0}:” is not declared. Add “@prefix {0}: <{1}> .” at the top of the file",
    "A dot is expected": "the statement before this place must end in “.”, or go on with “;” or “,”",
    "Unexpected end": "the file ends inside what begins here. Add the missing “.”, bracket or closing quote",
    "tag not closed": "the file ends inside an XML element. It may have been cut off",
    "No scheme found": "this IRI is relative. Write it in full, or declare an “@base”",
    "Invalid IRI code point": "a character of this IRI must be escaped. Write a space as %20, a quote as %22 and so on",
    "invalid utf-8": "the file is not in UTF-8. Save it again with that encoding",
    "LoadDocumentCallback": "its “@context” is on the web, where CTRES does not go. Copy the context into the file",
    "not a valid predicate": "expected a property: a prefixed name, an IRI in “<>”, or “a”",
    "not a valid subject": "expected the subject of a statement: a prefixed name or an IRI in “<>”",
    "<!ENTITY": "external XML entities are refused. Write their text out where it is used",
}


def parse(path: Path) -> list[ox.Quad]:
    """All statements of an RDF file, as `stream` gives them one at a time."""
    return list(stream(path))


def stream(path: Path, progress: Progress | None = None) -> Iterator[ox.Quad]:
    """The statements of an RDF file, whose extension says its format (one of `FORMATS`), without holding all of them.

    Blank nodes get fresh names, so that the statements of several files can be put together. A relative IRI without
    an `@base` is an error, because what it means would depend on where the file lies.
    Raises ParseError if there is no such file, or it is not what its extension says.
    """
    name = os.fspath(path)
    extension = os.path.splitext(_unpacked_name(name))[1].lower()
    if extension not in FORMATS:
        read(name, 1)  # a file that is not there is the worse fault
        raise ParseError(name, f"“{extension}” is no extension of an RDF file. Expected one of {', '.join(FORMATS)}, possibly with .gz or .zst")
    with compressed.open_bytes(name, progress or Progress()) as file:
        source = Guarded(file, name) if FORMATS[extension] == ox.RdfFormat.RDF_XML else file
        try:
            yield from ox.parse(_WithoutMark(source), FORMATS[extension], rename_blank_nodes=True)  # type: ignore[arg-type]
        except MemoryError:
            raise ParseError(name, TOO_LONG) from None
        except SyntaxError as error:
            raise _explain(error, io.BytesIO(_until(name, error.lineno or 0)), name) from None


def _unpacked_name(name: str) -> str:
    return os.path.splitext(name)[0] if name.lower().endswith(compressed.EXTENSIONS) else name


class _WithoutMark:
    """A file without the byte order mark that it may begin with."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._began = file, False

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        if not self._began:
            self._began, data = True, data.removeprefix(b"\xef\xbb\xbf")
        return data


def _until(name: str, number: int) -> bytes:
    """The first lines of a file, up to one by number."""
    with compressed.open_bytes(name, Progress()) as file:
        return b"".join(islice(iter(lambda: file.readline(_LONGEST), b""), number))


def triples(path: Path) -> list[ox.Triple]:
    """What `parse` reads, without the names of graphs."""
    return [quad.triple for quad in stream(path)]


def read(path: Path, most: int = -1) -> bytes:
    """What is in a file, unpacked, or its first bytes. Raises ParseError if it cannot be read."""
    with compressed.open_bytes(os.fspath(path), Progress()) as file:
        if most >= 0:
            return file.read(most)
        return b"".join(iter(lambda: file.read(1 << 20), b""))


def _quads(data: bytes, name: str) -> tuple[list[ox.Quad], dict[str, str]]:
    """The statements of a Turtle text and the prefixes that it declares."""
    try:
        parser = ox.parse(data.removeprefix(b"\xef\xbb\xbf"), ox.RdfFormat.TURTLE)
        return list(parser), dict(parser.prefixes)
    except SyntaxError as error:
        raise _explain(error, io.BytesIO(data), name) from None


def _explain(error: SyntaxError, lines: Iterable[bytes], name: str) -> ParseError:
    line, column = error.lineno, error.offset
    said = error.msg.partition(": ")[2] if error.msg.startswith("Parser error") else error.msg
    found = ""
    if line and column and error.end_lineno == line:
        text = next(islice(lines, line - 1, None), b"").decode(errors="replace").rstrip("\n")
        found = text[column - 1 : max(error.end_offset or 0, column + 1) - 1].strip()[:60]
    prefix = found.partition(":")[0]
    for sign, message in _MESSAGES.items():
        if sign.lower() in said.lower():
            said = message.format(prefix, PREFIXES.get(prefix, "https://..."))
            break
    return ParseError(name, f"found “{found}”: {said}" if found else said, line, column)


def text(literal: str) -> str:
    """The text of a literal that is written as Turtle has it."""
    value = next(ox.parse(f"<a:a> <a:a> {literal} .", ox.RdfFormat.TURTLE)).object
    return value.value if isinstance(value, ox.Literal) else str(value)


def node(iri: str) -> ox.NamedNode:
    """An IRI as the parser and the store have it."""
    return ox.NamedNode(iri)


def quoted(text: str) -> str:
    """A text as Turtle has it, in quotes."""
    return str(ox.Literal(text))


def format_text(text: str | bytes, path: str = "<text>") -> str:
    """Turtle in its canonical form: the same graph gives the same text, whatever its order and blank node names were.

    Sorted `@prefix` lines (those in use; the names in `ctres.terms.PREFIXES` always win), then one block a subject: the
    ontology; annotation, object, datatype, other properties; datatypes; classes; individuals; each sorted by IRI.
    An owl:Axiom follows the block of what it annotates; other blank nodes nest where they are used, or come last.
    Comments are dropped (remarks belong in `skos:editorialNote`); language tags come out in lower case.

    Blank nodes that are used several times, or in a circle, keep labels (`_:b1`, ...), given by what is said of them.
    Raises ParseError, naming `path`, if the text is not Turtle; CtresError if it cannot be formatted without loss.
    """
    data = text.encode() if isinstance(text, str) else text
    quads, declared = _quads(data, path)
    try:
        graph = labelled(quads)
        result = Writer(graph, declared).text()
        if not says_the_same(_quads(result.encode(), "the formatted text")[0], graph):
            raise CtresError("formatting would change what the file says, so it was not done. Please report this")
    except RecursionError:
        raise CtresError(f"{path}: brackets are nested too deeply to be formatted. Give the inner nodes IRIs") from None
    except CtresError as error:
        raise CtresError(f"{path}: {error}") from None
    return result


def format_file(path: Path, check: bool = False) -> bool:
    """Bring a Turtle file into canonical form; True if that changes it. With `check`, only say whether it would.

    The file is replaced in one step and keeps its mode; on any error it stays as it was.
    Raises ParseError and CtresError as `format_text` does, and OSError if the file cannot be written.
    """
    name = os.fspath(path)
    old = read(name)
    if not name.lower().endswith(".ttl"):
        raise ParseError(name, "only Turtle files (.ttl) have a canonical form")
    new = format_text(old, name)
    if new.encode() == old:
        return False
    if not check:
        write(name, new)
    return True


def write(path: Path, text: str) -> None:
    """Put text in place of a file in one step, so that nobody ever sees half of it; a file that was there keeps its mode."""
    import tempfile

    name, data = os.path.realpath(path), text.encode()
    mode = os.stat(name).st_mode & 0o7777 if os.path.exists(name) else 0o644
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(name), prefix=".", suffix=".tmp")
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, name)
    except BaseException:
        os.unlink(temporary)
        raise


# --- Imports -----------------------------------------------------------------------------------------------------------


_IMPORTS = ox.NamedNode(PREFIXES["owl"] + "imports")


def catalog(ontology_dir: Path) -> dict[str, str]:
    """The file of each ontology IRI, as `catalog-v001.xml` in a directory (OASIS XML catalog, as Protégé has it) says.

    Only its `uri` elements for local files count. Raises ParseError for a catalog that is missing, not XML, has a DTD,
    or names two files for one IRI.
    """
    from urllib.parse import unquote, urlsplit
    from xml.parsers import expat

    path = os.path.join(ontology_dir, "catalog-v001.xml")
    files: dict[str, str] = {}

    def fail(message: str) -> None:
        raise ParseError(path, message, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    def element(tag: str, attributes: dict[str, str]) -> None:
        if tag != "urn:oasis:names:tc:entity:xmlns:xml:catalog uri":
            return
        iri, uri = attributes.get("name"), attributes.get("uri")
        if not iri or not uri:
            return fail("expected “name” (the ontology's IRI) and “uri” (its file) on a uri element")
        if not urlsplit(uri).scheme:
            file = os.path.normpath(os.path.join(ontology_dir, unquote(uri)))
            if files.setdefault(iri, file) != file:
                fail(f"<{iri}> has two files here. Keep one of them")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = lambda *_: fail("found a DTD (<!DOCTYPE ...>). Remove it: a catalog needs none")
    parser.StartElementHandler = element
    try:
        parser.Parse(read(path), True)
    except expat.ExpatError as error:
        raise ParseError(path, f"not well-formed XML: {error}", error.lineno, error.offset + 1) from None
    return files


def load_ontology(entry: Path) -> list[tuple[str, list[ox.Triple]]]:
    """An ontology file and all that it imports, directly or not, each once: (path, triples), the entry first.

    An import is looked up in the catalog beside the entry, and nowhere else.
    Raises ParseError for a file that cannot be read, and for an import without a file in the catalog.
    """
    entry = os.fspath(entry)
    files: dict[str, str] | None = None
    loaded: dict[str, tuple[str, list[ox.Triple]]] = {}
    pending = [entry]
    for path in pending:
        if os.path.realpath(path) in loaded:
            continue
        statements = triples(path)
        loaded[os.path.realpath(path)] = path, statements
        for iri in sorted({str(value)[1:-1] for _, predicate, value in statements if predicate == _IMPORTS}):
            files = catalog(os.path.dirname(entry)) if files is None else files
            if not os.path.isfile(files.get(iri, "")):
                raise ParseError(path, f"it imports <{iri}>, for which catalog-v001.xml lists no file that exists")
            pending.append(files[iri])
    return list(loaded.values())
