"""The folder of a store on disk: what is in use, what is being made, and what was imported."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from traceback import clear_frames
from typing import Any

from .. import build, resources, shapes
from ..errors import CtresError, InconsistencyError
from ..progress import Progress
from ..store import Store
from ..terms import ASSERTED
from .batches import batches, subjects
from .conclusions import Batch, Concluder, Conclusions

_CURRENT = "CURRENT.json"
_LOCK = "LOCK"
_BATCH = 10_000  # subjects
_MOST = 1_000  # violations, after which an import is given up


@dataclass(frozen=True)
class Added:
    """What an import added: the files, and the numbers of subjects, of batches and of warnings that a check gave."""

    files: tuple[str, ...]
    subjects: int
    batches: int
    warnings: int = 0


class Folder:
    """A folder that holds CTRES and evidence added to it, reasoned over. What is in use never changes: each import makes a new generation."""

    def __init__(self, path: str) -> None:
        self.path = path

    def open(self) -> Store:
        """The store in use. Raises the errors of `current`."""
        return Store.open(self.current)

    @property
    def current(self) -> str:
        """The folder of the store in use. Raises CtresError if there is none, or one that another version of CTRES has made."""
        state = self._state()
        if state is None:
            raise CtresError(f"{self.path} holds no store of CTRES. Make one: ctres import ... --store {self.path}")
        if state["ontology"] != _ontology():
            raise CtresError(f"{self.path} was made with another version of CTRES. Import its files anew, into another folder: {_listed(state)}")
        return os.path.join(self.path, str(state["generation"]))

    @property
    def imported(self) -> list[Added]:
        """What was imported so far."""
        state = self._state()
        return [] if state is None else [Added(**{**one, "files": tuple(one["files"])}) for one in state["imported"]]

    def add(
        self, files: Sequence[str], progress: Progress | None = None, *, check: bool = True, size: int = _BATCH, workers: int | None = None
    ) -> Added:
        """Add RDF files, check and reason over them batch by batch, and put the result in use; the earlier state stays in use until then.

        Raises ParseError for a file that cannot be read, ValidationError for data that violate a shape unless `check` is False, InconsistencyError
        if they contradict CTRES, CtresError if another import is under way, and OSError if the disk is full; what was in use stays in use.
        """
        progress = progress or Progress()
        with self._locked():
            state = self._state()
            if state is not None:
                _ = self.current  # of this version
            target = self._generation(state)
            try:
                self._copy(state, target)
                added = self._made(target, files, progress, check, size, workers or os.cpu_count() or 1)
                imported = [] if state is None else state["imported"]
                self._use({"generation": os.path.basename(target), "ontology": _ontology(), "imported": [*imported, asdict(added)]})
            except BaseException as error:
                clear_frames(error.__traceback__)  # they would keep the store open as long as the error is
                shutil.rmtree(target, ignore_errors=True)
                raise
            for name in os.listdir(self.path):
                if name.startswith("generation-") and name != os.path.basename(target):
                    shutil.rmtree(os.path.join(self.path, name), ignore_errors=True)
            return added

    def _made(self, target: str, files: Sequence[str], progress: Progress, check: bool, size: int, workers: int) -> Added:
        """Add the files, and what follows, to the store of a generation."""
        base, store = _base(), Store.create(target)
        for file in files:
            build.add_file(store, file, ASSERTED, progress)
        with progress.step("putting in order"):
            store.finish()  # what is read term by term is then found in one place
        number = sum(1 for _ in subjects(store, files))
        waiting = progress.items(batches(store, base, files, size), "reasoning", "batches")
        alone = number <= size or workers == 1
        results = _one_by_one(waiting, base, target, check) if alone else _side_by_side(waiting, target, check, workers)
        made, warnings = self._conclude(store, results, progress)
        with progress.step("putting in order"):
            store.finish()
        return Added(tuple(map(os.path.abspath, files)), number, made, warnings)

    def _conclude(self, store: Store, results: Iterable[Conclusions], progress: Progress) -> tuple[int, int]:
        """Add what follows, all of it at the end: the more a store is given at once, the faster. Returns the numbers of batches and of warnings."""
        made = 0
        gathered: dict[str, str] = {}
        faults: list[shapes.Fault] = []
        violations = 0
        for conclusions in results:
            made += 1
            if conclusions.clashes:
                raise InconsistencyError(conclusions.clashes)
            faults += conclusions.faults
            violations += sum(fault.severity == "Violation" for fault in conclusions.faults)
            if violations >= _MOST:
                break
            for graph, path in conclusions.paths.items():
                _move(path, gathered.setdefault(graph, path))
        if violations:
            shapes.located(store, (fault for fault in faults if fault.severity == "Violation")).raise_for_violations()
        with progress.step("adding what follows"):
            for graph, path in gathered.items():
                store.load_file(path, graph)
                os.unlink(path)
        return made, sum(fault.severity == "Warning" for fault in faults)

    def _state(self) -> dict[str, Any] | None:
        try:
            with open(os.path.join(self.path, _CURRENT), encoding="utf-8") as file:
                state: dict[str, Any] = json.load(file)
                return state
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise CtresError(f"{os.path.join(self.path, _CURRENT)} cannot be read ({error}). Import the files anew, into another folder") from None

    def _use(self, state: dict[str, Any]) -> None:
        """Put a generation in use, in one step."""
        made = os.path.join(self.path, _CURRENT + ".tmp")
        with open(made, "w", encoding="utf-8") as file:
            json.dump(state, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(made, os.path.join(self.path, _CURRENT))

    def _generation(self, state: dict[str, Any] | None) -> str:
        """The folder for what is made next; what an import has left there that did not end is removed."""
        number = 1 if state is None else int(state["generation"].rpartition("-")[2]) + 1
        target = os.path.join(self.path, f"generation-{number}")
        shutil.rmtree(target, ignore_errors=True)
        return target

    def _copy(self, state: dict[str, Any] | None, target: str) -> None:
        """Start a generation from the one in use, or from CTRES alone. Table files never change, so they are shared."""
        if state is not None:
            shutil.copytree(os.path.join(self.path, state["generation"]), target, copy_function=_share)
        elif (built := resources.built_store()) is not None:
            shutil.copytree(built, target)
        else:
            build.build(target)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let nobody else import into the folder; a lock whose process has died does not count."""
        os.makedirs(self.path, exist_ok=True)
        lock = os.path.join(self.path, _LOCK)
        with open(lock, "a+", encoding="utf-8") as file:
            try:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except ImportError:  # Windows
                pass
            except OSError:
                raise CtresError(f"{self.path}: another import is under way here. Wait for it to end, or use another folder") from None
            yield


def _move(path: str, end: str) -> None:
    """Put what a file holds at the end of another, unless it is that one."""
    if path != end:
        with open(path, "rb") as source, open(end, "ab") as target:
            shutil.copyfileobj(source, target)
        os.unlink(path)


def _share(source: str, target: str) -> str:
    try:
        if source.endswith(".sst"):
            os.link(source, target)
            return target
    except OSError:  # a file system without links
        pass
    return shutil.copy2(source, target)


def _ontology() -> str:
    """What tells one CTRES from another: a digest of its files."""
    import hashlib

    digest = hashlib.sha256()
    for path in resources.modules():
        if os.sep + "shapes" + os.sep not in path:
            with open(path, "rb") as file:
                digest.update(file.read())
    for folder in sorted(os.listdir(resources.find("sparql", "rules"))):
        digest.update("".join(resources.texts("sparql", "rules", folder)).encode())
    return digest.hexdigest()


def _base() -> Store:
    built = resources.built_store()
    return build.reasoned_store() if built is None else Store.open(built)


def _listed(state: dict[str, Any]) -> str:
    return ", ".join(file for one in state["imported"] for file in one["files"])


def _one_by_one(waiting: Iterable[Batch], base: Store, folder: str, check: bool) -> Iterator[Conclusions]:
    concluder = Concluder(base, folder, check)
    return map(concluder.conclude, waiting)


def _side_by_side(waiting: Iterable[Batch], folder: str, check: bool, workers: int) -> Iterator[Conclusions]:
    """Conclusions drawn in processes of their own, in whatever order they come; only as many batches are read ahead as are drawn from."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start, initargs=(folder, check)) as pool:
        running: set[Future[Conclusions]] = set()
        try:
            for batch in waiting:
                if len(running) > workers:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
                running.add(pool.submit(_conclude, batch))
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            for future in running:
                future.cancel()


def _start(folder: str, check: bool) -> None:
    global _concluder
    _concluder = Concluder(_base(), folder, check)


def _conclude(batch: Batch) -> Conclusions:
    return _concluder.conclude(batch)


_concluder: Concluder
