"""The store on disk that is served: one that was named, the one built in advance, or one built for the occasion."""

from __future__ import annotations

import contextlib
import os
import tempfile

from .. import resources
from ..store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def store_folder(folder: str | None = None) -> Iterator[str]:
    """The folder of the store to serve; one that has to be built first is removed afterwards."""
    built = folder or resources.built_store()
    if built is not None and (folder or _opens(built)):  # a named folder that does not open is an error, not replaced
        yield built
        return
    from ..build import build

    with tempfile.TemporaryDirectory(prefix="ctres-") as temporary:
        yield build(os.path.join(temporary, "store"))


def _opens(folder: str) -> bool:
    try:
        Store.open(folder)
    except OSError:
        return False
    return True
