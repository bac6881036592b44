"""The difference of the SQL of two versions: the query as written or as rendered, statements."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from typing import Any

from sqlglot import exp

from plan_tui.contract.change_kinds import RENDERED
from plan_tui.contract.change_kinds import ChangeKind as Kind
from plan_tui.contract.impact import SemanticChange
from plan_tui.engine.impact.edits import Edit
from plan_tui.engine.impact.query_diff import diff_queries
from plan_tui.engine.impact.told import change, place_of
from plan_tui.engine.impact.trees import Trees, comments
from plan_tui.engine.problems import sentence_of

logger = logging.getLogger(__name__)
STATEMENTS = (
    ("pre_statements_", "pre-statement"),
    ("post_statements_", "post-statement"),
    ("on_virtual_update_", "on-virtual-update statement"),
    ("expressions_", "statement"),
)


class SqlDiff:
    """Two versions of a model or audit that has a query."""

    def __init__(self, old: Any, new: Any) -> None:
        """Parses both queries.

        Args:
            old: The model or standalone audit as it was.
            new: As it is.
        """
        self._nodes = (old, new)
        self.unread: list[SemanticChange] = []
        """The definitions that do not parse or render, with the place."""
        self.same_text = old.query_.sql.strip() == new.query_.sql.strip()
        self._parsed = [self._taken(lambda node: node.query, which) for which in (0, 1)]

    def changes(self) -> Iterator[SemanticChange]:
        """What was done to the query as it is written."""
        if self.same_text:
            return
        old, new = self._parsed
        if isinstance(old, exp.Query) and isinstance(new, exp.Query):
            yield from self._trees(old, new, None)
        elif old is not None and new is not None:
            yield from self._templates()
        else:
            yield self._texts()

    def rendered_changes(self) -> list[SemanticChange]:
        """What differs in the rendered query alone, where both are written the same."""
        if not self.same_text:
            self._taken(_rendered, 1)
            return []
        trees = self._rendered()
        return list(self._edits(*trees, RENDERED)) if trees is not None else []

    def statements(self) -> Iterator[SemanticChange]:
        """What was done to the statements beside the query."""
        for field, words in STATEMENTS:
            lists = [list(getattr(node, field, None) or ()) for node in self._nodes]
            texts = [[each.sql.strip() for each in statements] for statements in lists]
            matcher = SequenceMatcher(None, texts[0], texts[1], False)
            for tag, *span in matcher.get_opcodes():
                if tag != "equal":
                    yield from self._spans(words, lists, texts, span)

    def _spans(
        self, words: str, lists: list[list[Any]], texts: list[list[str]], span: list[int]
    ) -> Iterator[SemanticChange]:
        from_old, to_old, from_new, to_new = span
        for step in range(max(to_old - from_old, to_new - from_new)):
            one = from_old + step if from_old + step < to_old else None
            two = from_new + step if from_new + step < to_new else None
            was = texts[0][one] if one is not None else None
            now = texts[1][two] if two is not None else None
            if one is None or two is None:
                kind = Kind.STATEMENT_ADDED if one is None else Kind.STATEMENT_REMOVED
                yield change(kind, words, was, now)
            else:
                yield self._statement(words, (lists[0][one], lists[1][two]))

    def _statement(self, words: str, pair: tuple[Any, Any]) -> SemanticChange:
        texts = [each.sql.strip() for each in pair]
        old, new = (self._taken(_parser(part), which) for which, part in enumerate(pair))
        if old is not None and new is not None:
            trees = Trees(old.copy(), new.copy(), *self._dialects())
            if trees.same(trees.old, trees.new):
                return _only_written(trees, texts, words)
        return change(Kind.STATEMENT_CHANGED, words, *texts)

    def _templates(self) -> Iterator[SemanticChange]:
        """A query that only rendering makes SQL of: Jinja, or a macro that is all of it."""
        trees = self._rendered()
        if trees is None:
            yield self._texts()
            return
        found = list(self._trees(*trees, None))
        yield from found or [change(Kind.FORMATTING_ONLY)]

    def _rendered(self) -> tuple[exp.Expr, exp.Expr] | None:
        old, new = (self._taken(_rendered, which) for which in (0, 1))
        return (old, new) if old is not None and new is not None else None

    def _texts(self) -> SemanticChange:
        return change(Kind.QUERY_CHANGED, None, *(node.query_.sql.strip() for node in self._nodes))

    def _trees(self, old: exp.Expr, new: exp.Expr, place: str | None) -> Iterator[SemanticChange]:
        found = list(self._edits(old, new, place))
        if found:
            yield from found
        else:
            trees = Trees(old.copy(), new.copy(), *self._dialects())
            yield _only_written(trees, [node.query_.sql.strip() for node in self._nodes])

    def _edits(self, old: exp.Expr, new: exp.Expr, place: str | None) -> Iterator[SemanticChange]:
        holders = (exp.Tuple(this=old.copy()), exp.Tuple(this=new.copy()))
        for edit in diff_queries(Trees(*holders, *self._dialects())):
            yield _told(edit, place)

    def _dialects(self) -> tuple[str, str]:
        old, new = self._nodes
        return new.dialect, old.dialect

    def _taken(self, take: Callable[[Any], Any], which: int) -> exp.Expr | None:
        """A tree of one side; None, and a note of it, where it does not parse or render."""
        node = self._nodes[which]
        try:
            tree = take(node)
        except Exception as error:
            logger.info("A version of %s can't be read.", node.name, exc_info=error)
            side = ("the version before", "the new version")[which]
            note = change(Kind.NOT_READ, side, None, sentence_of(error), place=place_of(error))
            if note not in self.unread:
                self.unread.append(note)
            return None
        return tree if isinstance(tree, exp.Expr) else None


def _parser(part: Any) -> Callable[[Any], Any]:
    return lambda node: part.parse(node.dialect)


def _rendered(node: Any) -> Any:
    return node.render_audit_query() if node.is_audit else node.render_query()


def _told(edit: Edit, place: str | None) -> SemanticChange:
    places = [part for part in (place, edit.place) if part]
    return change(
        edit.kind,
        edit.subject,
        edit.before,
        edit.after,
        column=edit.column,
        place=" > ".join(places) or None,
    )


def _only_written(trees: Trees, texts: list[str], subject: str | None = None) -> SemanticChange:
    """Tells what two texts of the same meaning differ in."""
    before, after = list(comments(trees.old)), list(comments(trees.new))
    if before == after:
        return change(Kind.FORMATTING_ONLY, subject)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    spans = [span for span in matcher.get_opcodes() if span[0] != "equal"]
    gone = [text for _, one, two, _, _ in spans for text in before[one:two]]
    came = [text for _, _, _, one, two in spans for text in after[one:two]]
    return change(Kind.COMMENTS_ONLY, subject, "\n".join(gone) or None, "\n".join(came) or None)
