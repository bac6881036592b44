"""The changes of a plan in its Markdown: categories with reasons, reach, costs, diffs; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plan_tui.client.markdown_sheet import Item
from plan_tui.client.markdown_text import code, fenced, html_code, prose
from plan_tui.client.plan_names import changed_names
from plan_tui.contract.changes import AddedChange, DirectChange
from plan_tui.contract.cost_words import cost_text
from plan_tui.contract.differing import changed_lines, from_difference
from plan_tui.contract.impact import ModelImpact, Reached, SemanticChange
from plan_tui.contract.plan import Category
from plan_tui.contract.stages import ChangesStage
from plan_tui.contract.words import count, reach_words

Impacts = Mapping[str, ModelImpact]

WORDS = {
    "BREAKING": "breaking",
    "NON_BREAKING": "non-breaking",
    "FORWARD_ONLY": "forward-only",
    "INDIRECT_BREAKING": "indirectly breaking",
    "INDIRECT_NON_BREAKING": "indirectly non-breaking",
    "METADATA": "metadata",
}
MOST_REACHED = 40
"""Models downstream that are named for one change; the rest is counted."""
MOST_SEMANTIC = 30
LONGEST_EXPRESSION = 200
LONGEST_DIFF = 60_000
"""Characters of a diff that is shown whole: no longer one fits."""
SHORT_DIFF = 12
"""Lines of a diff in short."""


def change_items(changes: ChangesStage, impacts: Impacts) -> Iterator[Item]:
    """Every change, those that somebody made first."""
    for direct in changes.modified.direct:
        yield _chosen(direct, "modified", impacts)
    for added in changes.added:
        yield _chosen(added, "added", impacts)
    for removed in changes.removed:
        yield Item(f"- {code(removed.view_name)} **removed**\n")
    for metadata in changes.modified.metadata:
        head = f"- {code(metadata.view_name)} **metadata only**"
        yield Item(f"{head}\n{_why(impacts.get(metadata.name))}", f"{head}\n")
    for title, diff in _project(changes):
        whole = f"- {title} changed\n{fenced(diff[:LONGEST_DIFF], 'diff')}"
        yield Item(whole, f"- {title} changed\n", cut=len(diff) > LONGEST_DIFF)
    names = changed_names(changes)
    for indirect in changes.modified.indirect:
        because = ", ".join(code(names.get(name, name)) for name in indirect.parents[:5])
        more = f" and {len(indirect.parents) - 5:,} more" if len(indirect.parents) > 5 else ""
        head = f"- {code(indirect.view_name)} {_category(indirect.change_category, ())}"
        yield Item(f"{head} because of {because}{more}\n" if because else f"{head}\n")


def diff_items(changes: ChangesStage) -> Iterator[Item]:
    """The text diff of every definition that changed, each folded by itself."""
    modified = changes.modified
    diffs = [(change.view_name, change.diff) for change in modified.direct]
    diffs += [(change.view_name, change.diff) for change in modified.metadata]
    for name, diff in diffs:
        if not diff:
            continue
        text = f"\n<details>\n<summary>{html_code(name)}</summary>\n\n"
        end = "\n</details>\n"
        total = diff.count("\n")
        lines = [line for line in diff[:LONGEST_DIFF].splitlines() if line and not _is_frame(line)]
        start = "\n".join(lines[:SHORT_DIFF])[:2_000]
        rest = f"\n@@ {max(1, total - SHORT_DIFF):,} more lines @@"
        short = f"{text}{fenced(start + rest, 'diff')}{end}"
        if len(diff) > LONGEST_DIFF:
            yield Item(short, cut=True)
        elif lines:
            whole = f"{text}{fenced(chr(10).join(lines), 'diff')}{end}"
            yield Item(whole, short if len(lines) > SHORT_DIFF else "")


def _is_frame(line: str) -> bool:
    return line.rstrip() in ("---", "+++")


def _chosen(change: DirectChange | AddedChange, what: str, impacts: Impacts) -> Item:
    category = _category(change.change_category, change.choices)
    head = f"- {code(change.view_name)} {what}, {category}" if category else (
        f"- {code(change.view_name)} {what}"
    )  # fmt: skip
    short = f"{head}{_reach_count(change)}\n"
    impact = impacts.get(change.name)
    if impact is None:
        return Item(short)
    reason = impact.category.reason
    parts = [
        f"{head}{_reach_words(impact) or _reach_count(change)}\n",
        _why(impact),
        f"  - category: {prose(reason)}\n" if reason else "",
        f"  - {prose(impact.category.forward_only)}\n" if impact.category.forward_only else "",
        _suggested(impact, change.change_category),
        *_costs(impact),
        *_semantic(impact.semantic_diff),
        *_semantic(impact.tests.changes if impact.tests is not None else ()),
        _reach(impact.reach),
        *(f"  - note: {prose(note)}\n" for note in impact.notes),
    ]
    return Item("".join(parts), short)


def _category(category: str | None, choices: tuple[Category, ...]) -> str:
    if category is None:
        return "**not categorized**" if choices else ""
    return f"**{WORDS[category]}**" if category in WORDS else code(category)


def _reach_count(change: DirectChange | AddedChange) -> str:
    if not isinstance(change, DirectChange):
        return ""
    below = len(change.direct) + len(change.indirect)
    return f", {count(below, 'changed model')} below it" if below else ""


def _reach_words(impact: ModelImpact) -> str:
    if not impact.reach:
        return ""
    reading = sum(each.reads is not False for each in impact.reach)
    return f", {reach_words(reading, len(impact.reach))}"


def _why(impact: ModelImpact | None) -> str:
    return f"  - why: {prose(impact.why_changed)}\n" if impact and impact.why_changed else ""


def _suggested(impact: ModelImpact, category: str | None) -> str:
    suggestion = impact.category.suggestion
    if suggestion is None or suggestion.value == category:
        return ""
    return f"  - suggested: {WORDS[suggestion.value]}\n"


def _costs(impact: ModelImpact) -> Iterator[str]:
    for category in Category:
        cost = impact.what_if.get(category)
        if cost is not None:
            own = f" (it and all below it: {cost_text(cost.own)})" if cost.own is not None else ""
            yield f"  - the plan with it {WORDS[category.value]}: {cost_text(cost)}{own}\n"


def _semantic(changes: tuple[SemanticChange, ...]) -> Iterator[str]:
    for change in changes[:MOST_SEMANTIC]:
        about = "".join(f" {code(each)}" for each in (change.subject, change.column) if each)
        about += f" in {code(change.place)}" if change.place else ""
        what = f"  - {prose(change.kind.replace('_', ' '))}{about}"
        lines = changed_lines(change.before, change.after)
        if lines:
            yield f"{what}:\n"
            yield from (f"    - line {code(line, LONGEST_EXPRESSION)}\n" for line in lines)
        else:
            sides = _sides(change)
            yield f"{what}{': ' if sides else ''}{sides}\n"
    if len(changes) > MOST_SEMANTIC:
        yield f"  - and {len(changes) - MOST_SEMANTIC:,} more\n"


def _sides(change: SemanticChange) -> str:
    texts = [_one_line(text) for text in (change.before, change.after) if text is not None]
    if len(texts) == 2:
        texts = [*from_difference(texts[0], texts[1], LONGEST_EXPRESSION)]
    return " → ".join(code(text, LONGEST_EXPRESSION) for text in texts)


def _reach(reached: tuple[Reached, ...]) -> str:
    reading = [each for each in reached if each.reads is not False]
    if not reading:
        return ""
    named = [
        f"{code(each.view_name)}{'' if each.reads else ' (unknown, counted as read)'}"
        for each in reading[:MOST_REACHED]
    ]
    more = len(reading) - len(named)
    rest = f" and {more:,} more" if more else ""
    return f"  - read by: {', '.join(named)}{rest}\n"


def _project(changes: ChangesStage) -> Iterator[tuple[str, str]]:
    if changes.requirements:
        yield "Python requirements", changes.requirements
    if changes.environment_statements:
        yield "environment statements", changes.environment_statements


def _one_line(text: str) -> str:
    return " ".join(text.split())
