"""One bar for many tasks: how many are done, running and failed, and the time left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Never

from octrepro.core.progress import bar

if TYPE_CHECKING:
    from tqdm import tqdm


class TaskBar:
    """Shows tasks as they end.

    Parameters
    ----------
    what
        The stage, as DVC names it.
    total
        Number of tasks.
    kept
        Tasks whose results were there already.
    slots
        Tasks that run at once.
    """

    def __init__(self, what: str, total: int, kept: int, slots: int) -> None:
        self._total = total
        self._kept = kept
        self._slots = slots
        self._done = 0
        self._failed = 0
        self._bar: tqdm[Never] = bar((), total=total, initial=kept, desc=what, unit="task")
        self._show()

    def ended(self, *, ok: bool) -> None:
        """Note that a task has ended."""
        if ok:
            self._done += 1
        else:
            self._failed += 1
        self._bar.update()
        self._show()

    def close(self) -> None:
        """Leave the bar as it is."""
        self._bar.close()

    def counts(self) -> str:
        """What tqdm's own numbers do not say."""
        left = self._total - self._kept - self._done - self._failed
        words = [f"{min(self._slots, left)} running", f"{self._failed} failed"]
        return ", ".join([*words, f"{self._kept} kept from before"] if self._kept else words)

    def _show(self) -> None:
        self._bar.set_postfix_str(self.counts(), refresh=False)
