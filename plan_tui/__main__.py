"""Lets ``python -m plan_tui`` stand for the ``plan-tui`` command."""

from plan_tui.cli import main

if __name__ == "__main__":
    main()
