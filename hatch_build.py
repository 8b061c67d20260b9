"""Build hook: reason over the ontology once, so that a look-up opens the result and parses nothing."""

from __future__ import annotations

import sys
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ReasonedStore(BuildHookInterface):
    """Makes `src/ctres/_data/store` before a wheel, editable or not, is put together."""

    def initialize(self, version: str, build_data: dict[str, object]) -> None:
        if self.target_name != "wheel":
            return
        sys.path.insert(0, str(Path(self.root) / "src"))
        try:
            from ctres.build import build

            build()
        finally:
            sys.path.pop(0)
