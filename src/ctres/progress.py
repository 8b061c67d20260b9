"""Progress bars for long work, on the standard error stream and only on a terminal; by default there are none."""

from __future__ import annotations

from contextlib import nullcontext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager
    from typing import IO, Any, TypeVar

    Item = TypeVar("Item")


class Progress:
    """Shows nothing: what a library call reports to."""

    def items(self, items: Iterable[Item], doing: str, unit: str) -> Iterable[Item]:
        """The items, one at a time."""
        return items

    def file(self, file: IO[bytes], doing: str, size: int) -> AbstractContextManager[Any]:
        """The file, for reading."""
        return nullcontext(file)

    def step(self, doing: str) -> AbstractContextManager[Any]:
        """Work whose length is not known."""
        return nullcontext()


class Bars(Progress):
    """Shows bars with rate and remaining time. The only user of tqdm, which is imported when the first bar is due."""

    def items(self, items: Iterable[Item], doing: str, unit: str) -> Iterable[Item]:
        from tqdm import tqdm

        bar: Iterable[Item] = tqdm(items, desc=doing, unit=" " + unit, disable=None, leave=False)
        return bar

    def file(self, file: IO[bytes], doing: str, size: int) -> AbstractContextManager[Any]:
        from tqdm import tqdm

        bar: AbstractContextManager[Any] = tqdm.wrapattr(file, "read", total=size, desc=doing, disable=None, leave=False)
        return bar

    def step(self, doing: str) -> AbstractContextManager[Any]:
        from tqdm import tqdm

        bar: AbstractContextManager[Any] = tqdm(desc=doing, disable=None, leave=False, bar_format="{desc} ...")
        return bar
