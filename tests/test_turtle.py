"""Reading RDF files, the canonical Turtle form, lines of subjects, and imports."""

from __future__ import annotations

import os
import pathlib
import random
import subprocess
import sys

import pyoxigraph as ox
import pytest
import rdflib
import rdflib.compare

from ctres import places, turtle
from ctres.errors import CtresError, ParseError

SOURCE = pathlib.Path(turtle.__file__).parents[1]
CASES = pathlib.Path(__file__).parent / "cases" / "turtle"
FORMAT = ["blank-nodes", "empty", "iris", "literals", "owl"]
SAME = [
    "byte-order-mark.ttl",
    "graph.jsonld",
    "graph.nq",
    "graph.nt",
    "graph.owl",
    "graph.rdf",
    "graph.trig",
    "graph.ttl",
]
SAME += ["graph.xml", "windows-lines.ttl"]
BROKEN = ["bad-escape.ttl", "cut-off.jsonld", "cut-off.rdf", "cut-off.ttl", "entity-bomb.rdf", "external-entity.rdf"]
BROKEN += ["latin-1.ttl", "literal-predicate.ttl", "literal-subject.ttl", "lone-surrogate.ttl", "mismatched.rdf"]
BROKEN += ["missing-dot.ttl", "not-rdf.ttl", "open-bracket.ttl", "open-graph.trig", "open-string.ttl", "owl-xml.owl"]
BROKEN += ["plain.xml", "relative-iri.ttl", "remote-context.jsonld", "space-in-iri.ttl", "sparql.ttl", "turtle-in.nt"]
BROKEN += ["undeclared-own-prefix.ttl", "undeclared-prefix.ttl", "wrong.nq"]
IMPORTS = ["broken-module", "dtd", "missing-catalog", "missing-entry", "missing-file", "no-name", "not-xml", "remote"]
IMPORTS += ["two-files"]


def present(folder: str, suffix: str = "") -> list[str]:
    """The names of a folder's cases; a test compares its own list with them, so that it cannot run on fewer."""
    names = [path.name for path in (CASES / folder).iterdir()]
    return sorted(name.removesuffix(suffix) for name in names if name.endswith(suffix))


def text_of(name: str, side: str = "in") -> str:
    return (CASES / "format" / f"{name}.{side}.ttl").read_text(encoding="utf-8")


def canonical(text: str | bytes) -> ox.Dataset:
    dataset = ox.Dataset(ox.parse(text, ox.RdfFormat.TURTLE))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def rdflib_graph(text: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=text, format="turtle")


# --- The canonical form --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMAT)
def test_format_gives_the_approved_text(name: str) -> None:
    assert FORMAT == present("format", ".in.ttl") == present("format", ".out.ttl")
    assert turtle.format_text(text_of(name)) == text_of(name, "out")


@pytest.mark.parametrize("name", FORMAT)
def test_formatting_again_changes_nothing(name: str) -> None:
    assert present("format", ".out.ttl") == FORMAT
    assert turtle.format_text(text_of(name, "out")) == text_of(name, "out")


@pytest.mark.parametrize("name", FORMAT)
def test_format_keeps_the_graph_for_two_parsers(name: str) -> None:
    assert present("format", ".out.ttl") == FORMAT
    before, after = text_of(name), text_of(name, "out")
    assert canonical(before) == canonical(after)
    # rdflib gets the source as N-Triples: of Turtle's own escapes it cannot read all, and of the result it must
    triples = ox.serialize((quad.triple for quad in ox.parse(before, ox.RdfFormat.TURTLE)), format=ox.RdfFormat.N_TRIPLES)
    assert rdflib.compare.isomorphic(rdflib.Graph().parse(data=triples, format="nt"), rdflib_graph(after))


@pytest.mark.parametrize("name", FORMAT)
def test_format_does_not_depend_on_order_or_blank_node_names(name: str) -> None:
    assert present("format", ".out.ttl") == FORMAT
    parser = ox.parse(text_of(name), ox.RdfFormat.TURTLE)
    triples = [quad.triple for quad in parser]
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in parser.prefixes.items())
    for seed in range(25):
        shuffled = prefixes + shuffle(triples, random.Random(seed))
        assert turtle.format_text(shuffled) == text_of(name, "out"), f"seed {seed}"


def shuffle(triples: list[ox.Triple], chance: random.Random) -> str:
    """The same graph as N-Triples (which is Turtle too) in another order and with other blank node names."""
    nodes = sorted({str(term) for triple in triples for term in triple if isinstance(term, ox.BlankNode)})
    numbers = chance.sample(range(10 * len(nodes) + 1), len(nodes))
    new = {node: f"_:n{number}" for node, number in zip(nodes, numbers, strict=True)}
    lines = [" ".join(new.get(str(term), str(term)) for term in triple) + " .\n" for triple in triples]
    chance.shuffle(lines)
    return "".join(lines)


@pytest.mark.parametrize("seed", range(150))
def test_random_graphs_survive(seed: int) -> None:
    chance = random.Random(seed)
    nodes = [f"_:n{i}" for i in range(chance.randint(1, 7))] + ["x:a", "x:b", "x:c"]
    predicates = ["x:p", "x:q", "rdf:first", "rdf:rest", "a", "owl:annotatedSource"]
    triples = {
        f"{chance.choice(nodes)} {chance.choice(predicates)} {chance.choice([*nodes, 'rdf:nil', '1', chr(34) * 2])} .\n"
        for _ in range(chance.randint(1, 14))
    }
    prefixes = "@prefix x: <http://example.org/> .\n@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
    prefixes += "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
    source = prefixes + "".join(sorted(triples))
    result = turtle.format_text(source)
    assert canonical(source) == canonical(result)
    assert turtle.format_text(result) == result
    shuffled = prefixes + shuffle([quad.triple for quad in ox.parse(source, ox.RdfFormat.TURTLE)], chance)
    assert turtle.format_text(shuffled) == result


@pytest.mark.parametrize("seed", range(100))
def test_random_strings_survive(seed: int) -> None:
    chance = random.Random(seed)
    alphabet = [
        '"',
        "'",
        "\\",
        "\n",
        "\r",
        "\t",
        " ",
        "a",
        "é",
        "\x00",
        "\x1f",
        "\x7f",
        "\u2028",
        "\ufeff",
        "😀",
        "#",
        "@",
        ".",
    ]
    text = "".join(chance.choice(alphabet) for _ in range(chance.randint(0, 12)))
    triple = ox.Triple(ox.NamedNode("http://example.org/a"), ox.NamedNode("http://example.org/p"), ox.Literal(text))
    result = turtle.format_text(f"{triple} .")
    assert [quad.triple for quad in ox.parse(result, ox.RdfFormat.TURTLE)] == [triple]
    assert [str(value) for value in rdflib_graph(result).objects()] == [text]
    assert turtle.format_text(result) == result


def test_a_header_uses_only_prefix_lines_that_every_parser_reads() -> None:
    for name in FORMAT:
        for line in text_of(name, "out").split("\n\n")[0].splitlines():
            assert line.startswith("@prefix ")
            assert line.endswith(" .")


def test_what_would_take_too_long_is_refused() -> None:
    nodes = range(12)
    clique = "".join(f"_:n{i} <http://example.org/p> _:n{j} .\n" for i in nodes for j in nodes if i != j)
    with pytest.raises(CtresError, match=r"^clique\.ttl: too many blank nodes look alike"):
        turtle.format_text(clique, "clique.ttl")


def test_what_is_nested_too_deeply_is_refused() -> None:
    deep = "<http://example.org/a> <http://example.org/p> " + "[ <http://example.org/p> " * 5000 + "1" + " ]" * 5000 + " ."
    with pytest.raises(CtresError, match=r"^deep\.ttl: brackets are nested too deeply"):
        turtle.format_text(deep, "deep.ttl")


def test_a_long_list_is_not_deep() -> None:
    items = " ".join(f"[ <http://example.org/n> {number} ]" for number in range(5000))
    assert turtle.format_text(f"<http://example.org/a> <http://example.org/p> ( {items} ) .").count("\n") == 5004


def test_a_triple_term_is_refused() -> None:
    with pytest.raises(CtresError, match="owl:Axiom"):
        turtle.format_text("<urn:a:a> <urn:a:b> <<( <urn:a:a> <urn:a:b> 1 )>> .")


def test_a_writer_that_loses_a_triple_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    text = text_of("owl")
    monkeypatch.setattr(turtle.Writer, "text", lambda self: text_of("owl", "out").replace("owl:FunctionalProperty", "owl:Class"))
    with pytest.raises(CtresError, match=r"^x\.ttl: formatting would change what the file says"):
        turtle.format_text(text, "x.ttl")


# --- Files ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def untidy(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "untidy.ttl"
    path.write_bytes((CASES / "format" / "owl.in.ttl").read_bytes())
    path.chmod(0o640)
    return path


def test_format_file_writes_once(untidy: pathlib.Path) -> None:
    assert turtle.format_file(untidy) is True
    assert untidy.read_bytes() == (CASES / "format" / "owl.out.ttl").read_bytes()
    assert untidy.stat().st_mode & 0o777 == 0o640
    assert turtle.format_file(str(untidy)) is False
    assert os.listdir(untidy.parent) == ["untidy.ttl"]


def test_format_file_with_check_only_looks(untidy: pathlib.Path) -> None:
    before = untidy.read_bytes()
    assert turtle.format_file(untidy, check=True) is True
    assert untidy.read_bytes() == before
    turtle.format_file(untidy)
    assert turtle.format_file(untidy, check=True) is False


@pytest.mark.parametrize("spoilt", [b"\xef\xbb\xbf%s", b"%s\n", b"# remark\n%s"])
def test_format_file_tidies_what_does_not_change_the_graph(untidy: pathlib.Path, spoilt: bytes) -> None:
    turtle.format_file(untidy)
    tidy = untidy.read_bytes()
    for data in (spoilt % tidy, tidy.replace(b"\n", b"\r\n")):
        untidy.write_bytes(data)
        assert turtle.format_file(untidy) is True
        assert untidy.read_bytes() == tidy


def test_format_file_follows_a_link(untidy: pathlib.Path) -> None:
    link = untidy.with_name("link.ttl")
    link.symlink_to(untidy.name)
    assert turtle.format_file(link) is True
    assert link.is_symlink()
    assert turtle.format_file(untidy) is False


@pytest.mark.parametrize("step", ["replace", "fsync", "chmod"])
def test_a_failed_write_leaves_the_file_as_it_was(untidy: pathlib.Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    before = untidy.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="disk full"):
        turtle.format_file(untidy)
    assert untidy.read_bytes() == before
    assert os.listdir(untidy.parent) == ["untidy.ttl"]


def test_a_broken_file_stays_untouched(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "broken.ttl"
    path.write_bytes((CASES / "broken" / "missing-dot.ttl").read_bytes())
    with pytest.raises(ParseError) as caught:
        turtle.format_file(path)
    assert (caught.value.path, caught.value.line, caught.value.column) == (str(path), 3, 1)
    assert path.read_bytes() == (CASES / "broken" / "missing-dot.ttl").read_bytes()


def test_only_turtle_is_formatted() -> None:
    with pytest.raises(ParseError, match="only Turtle files"):
        turtle.format_file(CASES / "same" / "graph.nt")


# --- Reading -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAME)
def test_every_format_gives_the_same_graph(name: str) -> None:
    assert present("same") == SAME
    assert {os.path.splitext(case)[1] for case in SAME} == set(turtle.FORMATS)
    dataset = ox.Dataset(turtle.parse(CASES / "same" / name))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert dataset == canonical((CASES / "same" / "graph.ttl").read_bytes())
    assert len(turtle.triples(CASES / "same" / name)) == 4


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_says_what_is_wrong(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [case for case in present("broken") if not case.endswith(".txt")] == BROKEN
    assert present("broken", ".txt") == BROKEN
    monkeypatch.chdir(CASES / "broken")
    with pytest.raises(ParseError) as caught:
        turtle.parse(name)
    assert f"{caught.value}\n" == pathlib.Path(f"{name}.txt").read_text(encoding="utf-8")


def test_a_path_that_is_no_readable_file_says_so(tmp_path: pathlib.Path) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    for path, message in {
        "": r"\(empty path\): expected the name of a file",
        str(tmp_path / "nowhere.ttl"): "nowhere.ttl: there is no such file",
        str(tmp_path): "this is a directory",
        str(tmp_path / "notes.txt"): "“.txt” is no extension of an RDF file. Expected one of .ttl, .nt,",
        str(tmp_path / "nul\0.ttl"): "the file cannot be read",
    }.items():
        for read in (turtle.parse, places.locate) if "notes" not in path else (turtle.parse,):
            with pytest.raises(ParseError, match=message):
                read(path)


def test_blank_nodes_of_two_files_stay_apart() -> None:
    path = CASES / "format" / "blank-nodes.out.ttl"
    first, second = ({str(node) for triple in turtle.triples(path) for node in triple if isinstance(node, ox.BlankNode)} for _ in "ab")
    assert first
    assert not first & second


# --- Lines ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["in", "out"])
@pytest.mark.parametrize("name", FORMAT)
def test_locate_finds_every_subject(name: str, side: str) -> None:
    assert present("format", f".{side}.ttl") == FORMAT
    quads = ox.parse(text_of(name, side), ox.RdfFormat.TURTLE)
    subjects = {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}
    assert places.locate(CASES / "format" / f"{name}.{side}.ttl").keys() == subjects


def test_locate_gives_the_line_on_which_a_block_starts() -> None:
    path = CASES / "format" / "owl.out.ttl"
    lines = path.read_text(encoding="utf-8").split("\n")
    found = places.locate(path)
    assert len(found) == 10
    for iri, line in found.items():
        assert lines[line - 1] in (iri.replace("https://w3id.org/ctres/", "ctres:"), f"<{iri}>")


def test_locate_is_not_misled(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "tricky.ttl"
    path.write_text(
        """# <urn:x:comment> a 1 .
PREFIX x: <http://example.org/> BASE <http://example.org/base/> x:first x:p 1.
@prefix : <#> . # :comment a 1 .
x:second x:p "not. x:this a 1 ." , 1.5 , '''
x:nor a 1 . ''' , \"\"\"x:never "" a 1 . \\\""\"\" ; x:p [ x:p x:a.b ] , ( x:inner "." ) . :third x:p x:c.
[] x:p x:d . [ x:p 1 ] x:p 2 . ( 1 ) x:p 3 . _:b x:p 4 .
<relative>
    x:p <http://example.org/a#b> . x:a\\~b x:p 1 . <http://example.org/\\u00e9> x:p 1 . x:first x:p 2 .
""",
        encoding="utf-8",
    )
    assert places.locate(path) == {
        "http://example.org/first": 2,
        "http://example.org/second": 4,
        "http://example.org/base/#third": 5,
        "http://example.org/base/relative": 7,
        "http://example.org/a~b": 8,
        "http://example.org/é": 8,
    }
    subjects = {quad.subject.value for quad in turtle.parse(path) if isinstance(quad.subject, ox.NamedNode)}
    assert places.locate(path).keys() == subjects


def test_locate_needs_utf8() -> None:
    with pytest.raises(ParseError, match="UTF-8"):
        places.locate(CASES / "broken" / "latin-1.ttl")


# --- Imports -------------------------------------------------------------------------------------------------------


def test_imports_are_followed_through_the_catalog_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES / "imports" / "good")
    b = os.path.join("findings", "b file.ttl")
    assert turtle.catalog("") == {
        "http://example.org/a": "a.ttl",
        "http://example.org/b": b,
        "http://example.org/entry": "entry.ttl",
    }
    loaded = turtle.load_ontology("entry.ttl")
    assert [(path, len(triples)) for path, triples in loaded] == [("entry.ttl", 2), ("a.ttl", 4), (b, 4)]
    blank = [value for _, triples in loaded for *_, value in triples if isinstance(value, ox.BlankNode)]
    assert len(set(blank)) == 2


@pytest.mark.parametrize("name", IMPORTS)
def test_an_import_that_cannot_be_followed_says_why(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [path.name for path in sorted((CASES / "imports").iterdir()) if path.is_dir() and path.name != "good"] == IMPORTS
    monkeypatch.chdir(CASES / "imports")
    with pytest.raises(ParseError) as caught:
        turtle.load_ontology(f"{name}/entry.ttl")
    assert f"{caught.value}\n" == pathlib.Path(f"{name}.txt").read_text(encoding="utf-8")


# --- Start-up ------------------------------------------------------------------------------------------------------


def test_importing_takes_along_no_slow_modules() -> None:
    slow = "{'re', 'typing', 'dataclasses', 'tempfile', 'urllib.parse', 'xml.parsers.expat', 'rdflib'}"
    code = f"import sys; before = set(sys.modules); import ctres.turtle; print(({slow} & set(sys.modules)) - before)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=SOURCE)
    assert run.stdout == "set()\n"
