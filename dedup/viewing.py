"""What an open index tells about its articles: relations, boilerplate, groups, histories.

Takes what `handle` has open; changes nothing. Each answer is of one state of the index.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from dedup.errors import InputError
from dedup.grouping import group_with, read_groups
from dedup.handle import READ, Handle
from dedup.history import History, history_of
from dedup.index import Row, Store
from dedup.lookup import How
from dedup.records import Boilerplate, Group, Relation
from dedup.relating import related

T = TypeVar("T")


class Views(Handle):
    """The part of `dedup.Index` that reads what was found."""

    def relations(self) -> list[Relation]:
        """What is related: what `dedup.scan` of all articles finds.

        With the boilerplate that was learned last: see `learn`.
        """
        return self._viewing(related)

    def boilerplate(self) -> list[Boilerplate]:
        """What was learned as boilerplate, as `dedup.scan` lists it."""
        return self._viewing(lambda store, _: store.catalogue.boilerplate())

    def groups(self) -> list[Group]:
        """Groups of copies with their excerpts, those of `dedup.scan`, by their keepers' dates."""
        return self._viewing(lambda store, _: read_groups(store.catalogue))

    def group_of(self, id: str) -> Group:
        """The group an article is in; alone, or without copies, it is one of its own.

        Raises:
            InputError: There is no such article.
        """
        return self._viewing(lambda store, _: group_with(store.catalogue, self._row(store, id)))

    def history(self, id: str) -> History:
        """Who published an article first, who has copies of it and when, and who took which part.

        Raises:
            InputError: There is no such article.
        """
        return self._viewing(lambda store, how: history_of(store, self._row(store, id), how))

    def _row(self, store: Store, id_: str) -> Row:
        row = store.catalogue.by_id(id_)
        if row is None:
            raise InputError(f"{self.path} holds no article {id_!r}.")
        return row

    def _viewing(self, action: Callable[[Store, How], T]) -> T:
        """Read something in one transaction."""

        def run(store: Store) -> T:
            with store.catalogue.reading():
                return action(store, self._matching(store, store.refresh()))

        return self._working(run, READ)
