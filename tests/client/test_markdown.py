"""The comment of a pull request: inside its bounds, and nothing in it but our own markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from plan_tui.client.markdown import markdown
from plan_tui.client.markdown_sheet import LARGEST, Item, Section, sheet, size
from plan_tui.client.markdown_text import code, fenced, html_code, prose
from plan_tui.contract.impact import SemanticChange
from plan_tui.contract.text import clean

from . import made_plans as made

GITHUB = MarkdownIt("gfm-like", {"html": True, "linkify": False})
"""As a pull request's page reads it; what it makes of words by itself is looked for below."""

OUR_HTML = re.compile(
    r"(<details>|</details>|<summary>|</summary>|<code>|</code>"
    r"|[^<>&`@]|&(amp|lt|gt|quot|#x27);|`|(?<=[^<])@)*"
)
OBEYED = re.compile(r"@\w|#\d|\bGH-\d|https?://|\bwww\.|:\w+:|\b[0-9a-f]{7,40}\b")
"""What such a page makes links and mentions of, outside of code."""

OUR_BLOCKS = {
    "heading_open", "paragraph_open", "bullet_list_open", "ordered_list_open", "list_item_open",
    "html_block", "fence", "inline",
}  # fmt: skip


def tokens(text: str) -> Iterator[Token]:
    for token in GITHUB.parse(text):
        yield token
        yield from token.children or ()


def check_ours(text: str) -> None:
    """Fails where a name or sentence became more than text."""
    opened = 0
    for token in tokens(text):
        kind = token.type
        if kind.endswith("_close") or kind in ("code_inline", "softbreak", "strong_open"):
            continue
        if kind == "html_block":
            assert OUR_HTML.fullmatch(token.content), token.content
            bare = re.sub(r"<code>.*?</code>", "", token.content)
            assert OBEYED.search(bare) is None, token.content
            opened += token.content.count("<details>") - token.content.count("</details>")
            assert opened >= 0
        elif kind == "text":
            assert OBEYED.search(token.content) is None, token.content
            assert not re.search(r"[<>`|\[\]~*]", token.content), token.content
        else:
            assert kind in OUR_BLOCKS, (kind, token.content)
    assert opened == 0


@settings(max_examples=100, deadline=None)
@given(made.nasty, made.nasty, made.nasty)
def test_nothing_of_a_project_becomes_markup(text: str, diff: str, words: str) -> None:
    document = markdown(made.report(text, diff, 2, words))
    assert size(document) <= LARGEST
    check_ours(document)


@settings(max_examples=100, deadline=None)
@given(made.nasty)
def test_a_code_span_says_what_it_was_given(text: str) -> None:
    [inline] = [token for token in GITHUB.parse(f"- x {code(text)} y") if token.type == "inline"]
    assert [child.type for child in inline.children or ()] == ["text", "code_inline", "text"]
    shown = (inline.children or ())[1].content
    assert shown.strip() == (clean(text).strip() or "(empty)")


@settings(max_examples=100, deadline=None)
@given(made.nasty)
def test_a_fence_holds_its_text_whole(text: str) -> None:
    [fence] = GITHUB.parse(fenced(text, "diff"))
    assert fence.type == "fence"
    assert fence.content.strip("\n") == clean(text, keep_newlines=True).strip("\n")


@settings(max_examples=100, deadline=None)
@given(made.nasty)
def test_a_sentence_says_every_word(text: str) -> None:
    [inline] = [each for each in GITHUB.parse(f"- x: {prose(text)}") if each.type == "inline"]
    words = " ".join(child.content.strip() for child in inline.children or ()).split()
    # Only a stroke between two spans may lose its spaces, never a letter.
    assert "".join(words) == "x:" + "".join(clean(text).split())


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("shop.orders reads shop.daily_sums.", "`shop.orders` reads `shop.daily_sums`."),
        ("Filter: status = 'done', and more.", "Filter: `status = 'done'`, and more."),
        (
            'It loses data (ALTER TABLE "db"."x" DROP COLUMN note). Undo it.',
            'It loses data (`ALTER TABLE "db"."x" DROP COLUMN note`). Undo it.',
        ),
        ("ALTER TABLE a.b ADD COLUMN c INT; two more.", None),
        ("Use --allow-it db.orders, or not.", None),
        ("SQLMesh says FULL where it was VIEW.", "SQLMesh says FULL where it was VIEW."),
        ("About 3.5 s for 2 models; see models/orders.sql.", None),
    ],
)
def test_names_and_statements_stand_in_code_whole(sentence: str, shown: str | None) -> None:
    known = {
        "Use --allow-it db.orders, or not.": "Use `--allow-it db.orders`, or not.",
        "ALTER TABLE a.b ADD COLUMN c INT; two more.":
            "`ALTER TABLE a.b ADD COLUMN c INT`; two more.",
        "About 3.5 s for 2 models; see models/orders.sql.":
            "About 3.5 s for 2 models; see models/orders.sql.",
    }  # fmt: skip
    assert prose(sentence) == (shown or known[sentence])


@settings(max_examples=25, deadline=None)
@example(count=1, text="", times=13, largest=4299)
@given(
    st.integers(1, 150),
    st.text(alphabet="aé😀`\n|", max_size=30),
    st.integers(1, 150),
    st.integers(4_000, LARGEST),
)
def test_never_over_the_bound(count: int, text: str, times: int, largest: int) -> None:
    document = markdown(made.report(text * 3, f"+{text}\n" * times, count), largest)
    assert size(document) <= largest
    assert len(document) <= largest
    check_ours(document)
    whole = markdown(made.report(text * 3, f"+{text}\n" * times, count), 10**9)
    if size(whole) + 2_900 <= largest:
        assert document == whole
    assert ("**Left out**" in document) == (document != whole)


def test_the_summary_comes_first_and_stays_whole() -> None:
    document = markdown(made.report("shop.orders", "+x\n" * 90, 2_000))
    assert document.startswith("## SQLMesh plan for `shop.orders`\n")
    assert "- **Models**: 2,000 directly modified, 2,000 added, 2,000 removed" in document
    assert re.search(r"[\d,]+ of 10,002 changes not shown", document)
    assert "`plan-tui plan` prints all of it" in document


def test_a_diff_that_fits_in_no_comment_is_cut_and_says_so() -> None:
    document = markdown(made.report("shop.orders", "+x\n" * 1_000_000))
    assert size(document) <= LARGEST
    assert "@@ 999,988 more lines @@" in document
    assert "2 of 2 diffs in short only" in document
    check_ours(document)


def test_a_short_plan_is_whole_and_the_same_each_time() -> None:
    report = made.report("shop.orders")
    document = markdown(report)
    assert document == markdown(report)
    assert "Left out" not in document
    assert (
        "`shop.orders` modified, **not categorized**, 2 of 3 models below read what changed"
        in document
    )
    assert "  - the plan with it breaking: 1 model, 2 intervals, 3 batches, no history" in document
    assert "`shop.orders`: 1 interval in 1 batch: 2024-01-01" in document
    assert "1. `promote`: It is so." in document
    assert "- **Dangers**: 2, 1 of them in the way of applying" in document
    assert "- **notes** `gap`: It is so." in document


def test_code_that_changed_is_told_by_its_lines() -> None:
    report = made.report("shop.orders")
    code_of = "def execute(context):\n    table = {!r}\n    return table".format
    change = SemanticChange(
        kind="function_changed", subject="execute", before=code_of("a" * 300), after=code_of("b")
    )
    impacts = {
        name: each.model_copy(update={"semantic_diff": (change,)})
        for name, each in report.impacts.items()
    }
    document = markdown(replace(report, impacts=impacts))
    assert "  - function changed `execute`:\n    - line `-     table = 'aaa" in document
    assert "    - line `+     table = 'b'`\n" in document
    assert "def execute" not in document
    check_ours(document)


def test_why_there_are_no_steps_stands_in_their_place() -> None:
    report = made.report("shop.orders")
    note = "2 models have no category yet. Choose one for each."
    plan = report.plan.model_copy(update={"steps": (), "steps_notes": (note,)})
    document = markdown(replace(report, plan=plan))
    assert "<summary>Steps: none listed</summary>" in document
    assert note in document
    check_ours(document)


def test_one_long_item_does_not_hide_the_others() -> None:
    items = (Item("x" * 5_000 + "\n", "short\n"), Item("second\n"), Item("y" * 5_000 + "\n"))
    document = sheet("head\n", [Section("S", "things", items)], "tail\n", 2_000)
    assert "short\n" in document
    assert "second\n" in document
    assert "1 of 3 things not shown, 1 of 3 things in short only" in document


def test_a_sentence_reads_as_one() -> None:
    sentence = "It reads (shop.a_b), shop.c_d; and x_y z_w."
    assert prose(sentence) == "It reads (`shop.a_b`), `shop.c_d`; and `x_y z_w`."


@pytest.mark.parametrize("text", ["</code></summary><img>", "a\n\n<b>", "@x"])
def test_html_holds_a_name_as_text(text: str) -> None:
    [block] = GITHUB.parse(f"<details>\n<summary>{html_code(text)}</summary>\n")
    assert block.type == "html_block"
    assert re.findall("<[^>]*>", block.content) == [
        "<details>", "<summary>", "<code>", "</code>", "</summary>",
    ]  # fmt: skip
