"""The knowledge base: what a user loads, asks, and extends with data of their own."""

from __future__ import annotations

import functools

from . import names, resources
from .answer import Answer
from .errors import InconsistencyError, QueryError
from .questions import Questions
from .rows import Row, collect, value
from .store import Store
from .term import Finding, Term
from .terms import ASSERTED, BASE, INFERRED, ONTOLOGY, PREFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    import networkx
    import owlready2
    import rdflib

    from .drawing import Picture
    from .explanation import Explanation
    from .export.edges import Edge
    from .progress import Progress
    from .reasoner import Derivations, Materialisation
    from .rows import Value
    from .shapes import Report

_OWL = PREFIXES["owl"]
_REMEMBERED = 256  # answers


def load(store: str | PathLike[str] | None = None) -> KnowledgeBase:
    """The released knowledge base, reasoned over, or that of a folder which `ctres import --store` has made.

    Needs neither Java nor network nor a writable folder. In a checkout whose ontology has changed since `ctres build`, the change is reasoned
    over in memory. Raises CtresError for a folder that holds no store, or one that another version of CTRES has made.
    """
    if store is not None:
        from .evidence import Folder

        return KnowledgeBase(Folder(str(store)).open())
    built = resources.built_store()
    if built is not None:
        try:
            return KnowledgeBase(Store.open(built))
        except OSError:  # written by another version of the engine, or damaged: the sources are there all the same
            pass
    from .build import reasoned_store

    return KnowledgeBase(reasoned_store())


class KnowledgeBase:
    """CTRES, and possibly a user's data, as one reasoned graph. Immutable: `with_data` makes a new one.

    `store` is the underlying `ctres.store.Store`; `clashes` says in sentences how data contradict the ontology.
    """

    def __init__(self, store: Store, *, data: tuple[str, ...] = (), clashes: tuple[str, ...] = ()) -> None:
        self.store, self.data, self.clashes = store, data, clashes
        self.questions = Questions()
        self._answers: dict[tuple[str, tuple[tuple[str, str], ...]], list[Row]] = {}  # a knowledge base never changes

    # -- terms

    def __getitem__(self, name: str) -> Term:
        """The term that a label, synonym, abbreviation, CURIE or IRI names.

        Raises UnknownTermError, a KeyError with suggestions, or AmbiguousTermError with the candidates.
        """
        return self.term(names.resolve(self.store, name))

    def __contains__(self, name: object) -> bool:
        try:
            return name.iri in self.store if isinstance(name, Term) else isinstance(name, str) and bool(self[name])
        except KeyError:
            return False

    def term(self, iri: str) -> Term:
        """The view on an IRI: a Finding where it is one, else a Term."""
        is_finding = self.store.graph_of(iri, names.TYPE, BASE + "Finding") is not None
        return Finding(self, iri) if is_finding else Term(self, iri)

    def find(self, text: str) -> list[Term]:
        """All terms whose label, synonym or definition holds the words of `text`, best first."""
        return [self.term(iri) for iri, _ in names.search(self.store, text)]

    def __iter__(self) -> Iterator[Term]:
        """All classes, properties and individuals of CTRES' namespace, by IRI."""
        kinds = ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual")
        iris = {iri for kind in kinds for iri in self.store.subjects(names.TYPE, iri=_OWL + kind, graph=ASSERTED)}
        return (self.term(iri) for iri in sorted(iris) if iri.startswith(BASE))

    # -- questions

    def ask(self, question: str, **parameters: str | Term | None) -> Answer:
        """The answer to a canned question; `kb.questions` lists them with their parameters.

        A parameter is a Term or any name of one; None leaves it out. The last answers are remembered. Raises QuestionError, UnknownTermError,
        AmbiguousTermError, or InconsistencyError where the data contradict the ontology.
        """
        asked = self.questions[question]
        asked.check(parameters)
        self._refuse_contradictions()
        bindings: dict[str, str] = {}
        for parameter in asked.parameters:
            value = parameters.get(parameter.name)
            if value is not None:
                kind = None if parameter.kind is None else BASE + parameter.kind
                name = value.iri if isinstance(value, Term) else value
                bindings["_" + parameter.name] = names.resolve(self.store, name, kind)
        key = question, tuple(sorted(bindings.items()))
        rows = self._answers.get(key)
        if rows is None:
            solutions = self.store.query(asked.text, bindings, trusted=True)
            rows = collect(self, asked.columns, solutions, tuple(Term(self, iri) for iri in bindings.values()))
            if len(self._answers) >= _REMEMBERED:  # several threads may ask at once
                self._answers.pop(next(iter([*self._answers])), None)
            self._answers[key] = rows
        return Answer(question, asked.columns, list(rows), asked.table)

    def sparql(self, query: str) -> bool | list[Row] | list[tuple[Value, Value, Value]]:
        """The result of a SPARQL query over asserted and inferred triples together.

        ASK gives a bool, SELECT rows, CONSTRUCT and DESCRIBE triples. The prefixes of CTRES need not be declared; the
        graphs `graph:asserted` and `graph:inferred` tell the two apart. Raises QueryError for a query that
        is malformed or holds SERVICE, InconsistencyError where the data contradict the ontology.
        """
        self._refuse_contradictions()
        result = self.store.query(query)
        try:
            if hasattr(result, "variables"):
                fields = tuple(variable.value for variable in result.variables)
                return [Row(fields, tuple(value(self, node) for node in solution)) for solution in result]
            if hasattr(result, "__iter__"):
                return [(value(self, t.subject), value(self, t.predicate), value(self, t.object)) for t in result]
        except OSError as error:
            raise QueryError(f"the query could not be finished: {error}") from None
        return bool(result)

    # -- reasons

    def explain(self, subject: str | Term, relation: str | Term, value: str | Term | None = None) -> Explanation:
        """Why a statement holds: `explain("miR-21", "promotes", "doxorubicin resistance")`, or a kind, `explain("SOX2", "dormancy factor")`.

        The explanation is the shortest there is, a tree that ends in findings with their citations. Raises ExplanationError, which
        says what is missing, if the statement does not hold, UnknownTermError or AmbiguousTermError for names.
        """
        from .explanation import explain

        return explain(self, subject, relation, value)

    def explanations(self, subject: str | Term, relation: str | Term, value: str | Term | None = None, *, most: int = 20) -> list[Explanation]:
        """All explanations of a statement that rest on different facts, none on more than it needs, the shortest first; `most` at the most.

        Raises the errors of `explain`.
        """
        from .explanation import explain_all

        return explain_all(self, subject, relation, value, most)

    def why_not(self, subject: str | Term, relation: str | Term, value: str | Term | None = None) -> Explanation:
        """What is missing for a statement that does not hold, and what comes nearest; ExplanationError if it does hold."""
        from .explanation import ExplanationError, resolved
        from .missing import why_not
        from .words import statement

        triple = resolved(self, subject, relation, value)
        if self.store.graph_of(*triple) is not None:
            raise ExplanationError(f"CTRES does hold that {statement(self.store, triple)}: ask `explain` for the reasons.")
        return why_not(self, triple)

    @functools.cached_property
    def derivations(self) -> Derivations:
        """What finds the derivations of statements; made when first needed."""
        from .explanation import derivations

        return derivations(self.store)

    @functools.cached_property
    def materialisation(self) -> Materialisation:
        """The reasoner's own account of what follows, which can trace each inferred triple; made when first needed."""
        from . import reasoner

        return reasoner.materialise(self.store.ntriples(ASSERTED))

    def annotations(self, fact: tuple[str, str, str]) -> list[tuple[str, bool]]:
        """The sources that axiom annotations give for an asserted triple, each with whether it is background knowledge."""
        found = self.store.query(resources.text("sparql", "views", "annotations.rq"), dict(zip(("_s", "_p", "_o"), fact, strict=True)), trusted=True)
        return [(self._shown(row["source"]), row["background"] is not None) for row in found]

    def _shown(self, node: object) -> str:
        of = value(self, node)
        return str(of) if isinstance(of, Term) and of.iri in self.store else getattr(of, "iri", str(of))

    # -- pictures

    def draw(self, term: str | Term) -> Picture:
        """What acts on a term and what it acts on. Pictures need the extra `plot`, and raise DrawingError where there is nothing to draw."""
        from . import drawing

        return drawing.neighbourhood(self, term)

    def draw_states(self) -> Picture:
        """The map of the cell states and populations that can become each other, and what triggers it."""
        from . import drawing

        return drawing.states(self)

    def draw_landscape(self, resistance: str | Term) -> Picture:
        """What brings a resistance about, through which mechanisms, and what counters it."""
        from . import drawing

        return drawing.landscape(self, resistance)

    def draw_explanation(self, subject: str | Term, relation: str | Term, value: str | Term | None = None) -> Picture:
        """The tree of `explain`, which raises the same errors."""
        from . import drawing

        return drawing.explanation(self, subject, relation, value)

    # -- other libraries

    def edges(self) -> list[Edge]:
        """The relations between entities, each with the findings it rests on; inverses, and what a narrower relation says, left out."""
        from .export.edges import edges

        return edges(self)

    def to_networkx(self) -> networkx.MultiDiGraph:
        """The edges as a graph of networkx, with CURIEs as nodes and relations as keys. Raises MissingExtraError without the extra `networkx`."""
        from .export.network import network

        return network(self)

    def to_rdflib(self, *, inferred: bool = True) -> rdflib.Graph:
        """All that is asserted and, unless told otherwise, all that is inferred as a graph of rdflib."""
        from .export.graphs import graph

        return graph(self, inferred=inferred)

    def to_owlready(self) -> owlready2.Ontology:
        """The reasoned ontology in a world of owlready2 of its own. Raises MissingExtraError without the extra `owlready`."""
        from .export.graphs import world

        return world(self)

    # -- the user's own data

    def with_data(self, *paths: str | PathLike[str]) -> KnowledgeBase:
        """A new knowledge base that holds the RDF files too and is reasoned over together; this one is untouched.

        Raises ParseError, with line and column, for a file that cannot be read.
        """
        from .build import with_files

        store, clashes = with_files(self.store, [str(path) for path in paths])
        return KnowledgeBase(store, data=(*self.data, *map(str, paths)), clashes=clashes)

    def check(self) -> Report:
        """What the shapes, and the reasoner, find wrong with the data of `with_data`, or with CTRES itself if none was added."""
        from .shapes import check

        return check(self)

    def check_files(self, *paths: str | PathLike[str], progress: Progress | None = None) -> Report:
        """What is wrong with RDF files, as `with_data(*paths).check()` says, but without drawing conclusions that no check needs.

        Meant for large files. A file that is no valid RDF is reported like any other fault. `progress` is told how far it is.
        """
        from .shapes import check_files

        return check_files(self, [str(path) for path in paths], progress)

    def _refuse_contradictions(self) -> None:
        if self.clashes:
            raise InconsistencyError(self.clashes)

    # -- itself

    @property
    def version(self) -> str:
        """The version of the ontology."""
        return next(self.store.objects(ONTOLOGY, _OWL + "versionInfo"), "unknown")

    def __repr__(self) -> str:
        classes = sum(iri.startswith(BASE) for iri in self.store.subjects(names.TYPE, iri=_OWL + "Class", graph=ASSERTED))
        findings = len(set(self.store.subjects(names.TYPE, iri=BASE + "Finding")))
        individuals = len(set(self.store.subjects(names.TYPE, iri=_OWL + "NamedIndividual", graph=ASSERTED))) - findings
        data = f" with {', '.join(self.data)}" if self.data else ""
        return f"<CTRES {self.version}{data}: {classes:,} classes, {individuals:,} individuals, {findings:,} findings>"

    def inferred(self) -> bytes:
        """All inferred triples as N-Triples."""
        return self.store.ntriples(INFERRED)
