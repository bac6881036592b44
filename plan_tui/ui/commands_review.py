"""The commands of the review."""

from __future__ import annotations

from plan_tui.ui.commands import Command
from plan_tui.ui.commands_common import COMMON

CATEGORIES = "Categories"
LOOK = "Look"
TAKE = "Take along"
PLAN = "Plan"
FILTER = "While the filter is typed"

COMMANDS: tuple[Command, ...] = (
    Command("review.breaking", ("b",), "Breaking",
            "Make the cursor's model breaking: what reads it is rebuilt too.",
            CATEGORIES, "choose('BREAKING')", footer=10),
    Command("review.non_breaking", ("n",), "Non-breaking",
            "Make the cursor's model non-breaking: what reads it keeps its data.",
            CATEGORIES, "choose('NON_BREAKING')", footer=11),
    Command("review.all_breaking", ("B",), "Breaking, all",
            "Make all marked models breaking; all shown ones where none is marked.",
            CATEGORIES, "choose_all('BREAKING')"),
    Command("review.all_non_breaking", ("N",), "Non-breaking, all",
            "Make all marked models non-breaking; all shown ones where none is marked.",
            CATEGORIES, "choose_all('NON_BREAKING')"),
    Command("review.next_open", ("u",), "Next open",
            "Go to the next model that is not categorized.",
            CATEGORIES, "next_open", footer=30),
    Command("review.unmark", ("U",), "Unmark all", "Take every mark away; space marks a model.",
            CATEGORIES, "unmark"),
    Command("review.view", ("d",), "Diff",
            "Go round what changed in words, the text diff, the rendered one, and the query.",
            LOOK, "next_view", footer=40),
    Command("review.filter", ("slash",), "Filter",
            "Leave only what has what you type in its name, or in facets such as tag:finance "
            "owner:ana kind:full cat:breaking danger:yes mine:yes drift:yes seen:no; escape "
            "clears it.",
            LOOK, "filter", footer=50),
    Command("review.intervals", ("t",), "Timeline",
            "Draw what is there, what will be filled and why, over time.",
            LOOK, "open_page('timeline')", footer=71),
    Command("review.data_diff", ("D",), "Data diff",
            "Say what comparing the model's data on both sides would read, and compare it.",
            LOOK, "open_page('data_diff')"),
    Command("review.steps", ("s",), "Steps",
            "Show what the apply will run, in order, and its SQL.",
            LOOK, "open_page('steps')", footer=72),
    Command("review.affected", ("e",), "Affected", "Show what the model affects.",
            LOOK, "show_section('affects')"),
    Command("review.seen", ("v",), "Seen",
            "Mark the change as looked at, or take that back; the mark stays while it is the same.",
            LOOK, "toggle_seen"),
    Command("review.next_unseen", ("V",), "Next unseen",
            "Go to the next change that was not marked as seen.", LOOK, "next_unseen"),
    Command("review.side", ("o",), "Mine or drift",
            "Go round all changes, those by files of this branch, and drift of the main branch.",
            LOOK, "next_side"),
    Command("review.dangers", ("exclamation_mark", "w"), "Dangers",
            "Show what the plan may destroy or lose, and allow changes of tables one by one.",
            LOOK, "open_page('dangers')", footer=70),
    Command("review.full", ("f",), "Full width",
            "Give the detail the whole width, or only its share.",
            LOOK, "full"),
    Command("review.next", ("right_square_bracket",), "Next change",
            "Go to the next row, wherever the cursor is.", LOOK, "step(1)"),
    Command("review.previous", ("left_square_bracket",), "Previous change",
            "Go to the row before, wherever the cursor is.", LOOK, "step(-1)"),
    Command("review.copy", ("y",), "Copy name", "Copy the model's name.", TAKE, "copy_name"),
    Command("review.copy_sql", ("Y",), "Copy SQL", "Copy the model's rendered query.",
            TAKE, "copy_sql"),
    Command("review.copy_diff", ("alt+y",), "Copy diff", "Copy the diff in the form that is shown.",
            TAKE, "copy_diff"),
    Command("review.markdown", ("M",), "Markdown",
            "Write the plan as a pull request comment into a file here, and copy it.",
            TAKE, "markdown"),
    Command("review.cancel", ("c",), "Cancel", "Stop building the plan.",
            PLAN, "cancel_planning", footer=15),
    Command("review.refresh", ("ctrl+r",), "Refresh",
            "Build the plan again; the categories you chose are kept.",
            PLAN, "refresh_plan", footer=60, priority=True),
    Command("review.apply", ("a",), "Apply", "Show what the plan will do, and apply it.",
            PLAN, "ask_apply", footer=20),
    Command("review.keep_filter", ("enter",), "Keep", "Go back to the list with the filter kept.",
            FILTER, "keep_filter", footer=1, palette=False),
    Command("review.clear_filter", ("escape",), "Clear", "Show all rows again.",
            FILTER, "clear_filter", footer=2, priority=True, palette=False),
    Command("review.back", ("escape",), "Back",
            "Clear the filter, leave the detail, then go back to the set-up.",
            PLAN, "back", palette=False),
    *COMMON,
)  # fmt: skip

NEED_A_PLAN = frozenset(
    command.id
    for command in COMMANDS
    if command.group in (CATEGORIES, LOOK, TAKE) or command.id == "review.apply"
)
"""The commands that have no meaning while there is no plan."""
