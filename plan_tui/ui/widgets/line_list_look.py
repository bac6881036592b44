"""The colours of lists; each only repeats what a letter or a sign says."""

from __future__ import annotations

PARTS = (
    "cursor",
    "bar",
    "mark",
    "heading",
    "label",
    "muted",
    "strong",
    "accent",
    "good",
    "warn",
    "bad",
    "chip-breaking",
    "chip-safe",
    "chip-open",
    "added",
    "removed",
    "added-word",
    "removed-word",
)
"""The names that ``LineList.tone`` takes."""

CSS = """
LineList {
    height: 1fr;
    scrollbar-size-vertical: 1;
    scrollbar-size-horizontal: 0;
    scrollbar-gutter: stable;
    overflow-x: auto;
    overflow-y: auto;
    & > .line-list--cursor { background: $foreground 8%; }
    & > .line-list--bar { color: $foreground 40%; }
    & > .line-list--mark { color: $text-warning; text-style: bold; }
    & > .line-list--heading { color: $text-primary; text-style: bold; }
    & > .line-list--label { color: $text-muted; text-style: not bold; }
    & > .line-list--muted { color: $text-muted; }
    & > .line-list--strong { text-style: bold; }
    & > .line-list--accent { color: $text-accent; }
    & > .line-list--good { color: $text-success; }
    & > .line-list--warn { color: $text-warning; }
    & > .line-list--bad { color: $text-error; }
    & > .line-list--chip-breaking { color: $background; background: $error; text-style: bold; }
    & > .line-list--chip-safe { color: $background; background: $success; text-style: bold; }
    & > .line-list--chip-open { color: $background; background: $warning; text-style: bold; }
    & > .line-list--added { color: $text-success; }
    & > .line-list--removed { color: $text-error; }
    & > .line-list--added-word { color: $text-success; text-style: bold underline; }
    & > .line-list--removed-word { color: $text-error; text-style: bold underline; }
    &:focus > .line-list--cursor { background: $primary 30%; text-style: bold; }
    &:focus > .line-list--bar { color: $primary; text-style: bold; }
}
"""
