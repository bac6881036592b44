"""Keeps what was computed, by the fingerprints that it follows from."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Kept(Generic[V]):
    """The newest answers of one computation; safe to share between threads."""

    def __init__(self, most: int = 4_096) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, V] = OrderedDict()

    def get(self, key: Hashable, compute: Callable[[], V]) -> V:
        """The answer for a key; two threads may compute it at once, and get the same.

        Args:
            key: Everything that the answer follows from, fingerprints above all.
            compute: Called where it is not known; what it raises is not kept.
        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = compute()
        with self._lock:
            kept = self._values.setdefault(key, value)
            self._shrink()
        return kept

    def known(self, key: Hashable) -> V | None:
        """The answer for a key, where there is one."""
        with self._lock:
            return self._values.get(key)

    def put(self, key: Hashable, value: V) -> None:
        """Keeps an answer in the place of an earlier one."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            self._shrink()

    def _shrink(self) -> None:
        while len(self._values) > self._most:
            self._values.popitem(last=False)
