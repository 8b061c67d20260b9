"""Servers started for tests: that of CTRES in a thread, and two that nobody here wrote, Apache Jena Fuseki and Virtuoso."""

from __future__ import annotations

import abc
import contextlib
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from conftest import lacks

_START = 120  # seconds a server has to come up
_VIRTUOSO = """\
[Database]
DatabaseFile={0}/v.db
ErrorLogFile={0}/v.log
LockFile={0}/v.lck
TransactionFile={0}/v.trx
xa_persistent_file={0}/v.pxa
FileExtend=200
[TempDatabase]
DatabaseFile={0}/temporary.db
TransactionFile={0}/temporary.trx
[Parameters]
ServerPort=127.0.0.1:{1}
NumberOfBuffers=20000
MaxDirtyBuffers=10000
DirsAllowed={0}
[HTTPServer]
ServerPort=127.0.0.1:{2}
ServerThreads=8
[SPARQL]
ResultSetMaxRows=1000000
"""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """The address of the pages of CTRES, served in a thread."""
    import uvicorn

    from ctres import web

    port = free_port()
    server = uvicorn.Server(uvicorn.Config(web.app(), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


class RealServer(abc.ABC):
    """A running server: `query`, `graphs` and `updates` are its addresses; `login` is set where it wants a name and a password."""

    login: tuple[str, str] | None = None
    query: str
    graphs: str
    updates: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start()

    @abc.abstractmethod
    def command(self) -> list[str]:
        """What starts the server; sets its addresses."""

    def start(self) -> None:
        with (self.folder / "output.txt").open("ab") as output:
            self.process = subprocess.Popen(self.command(), stdout=output, stderr=output, cwd=self.folder)
        deadline = time.monotonic() + _START
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.query}?query=ASK%7B%7D", timeout=5).close()
                return
            told = (self.folder / "output.txt").read_text(encoding="utf-8", errors="replace")[-2000:]
            assert self.process.poll() is None, f"the server has stopped: {told}"
            assert time.monotonic() < deadline, f"the server does not answer: {told}"
            time.sleep(0.3)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Fuseki(RealServer):
    def command(self) -> list[str]:
        jar = os.environ.get("CTRES_FUSEKI")
        if not jar:
            lacks("needs Apache Jena Fuseki: run `mvn -f tests/fuseki/pom.xml` and set CTRES_FUSEKI to the jar in .fuseki")
        port = free_port()
        base = f"http://127.0.0.1:{port}/ctres"
        self.query, self.graphs, self.updates = f"{base}/sparql", f"{base}/data", f"{base}/update"
        (self.folder / "data").mkdir(exist_ok=True)
        return [
            "java",
            "-Xmx1g",
            "-jar",
            os.path.abspath(jar),
            "--localhost",
            f"--port={port}",
            "--update",
            f"--loc={self.folder / 'data'}",
            "/ctres",
        ]


class Virtuoso(RealServer):
    login = ("dba", "dba")

    def command(self) -> list[str]:
        program = shutil.which("virtuoso-t")
        if program is None:
            lacks("needs Virtuoso: Debian's package virtuoso-opensource-7-bin")
        port, http = free_port(), free_port()
        base = f"http://127.0.0.1:{http}"
        self.query, self.graphs, self.updates = f"{base}/sparql", f"{base}/sparql-graph-crud-auth", f"{base}/sparql-auth"
        (self.folder / "virtuoso.ini").write_text(_VIRTUOSO.format(self.folder, port, http), encoding="utf-8")
        return [program, "-f", "-c", "virtuoso.ini"]
