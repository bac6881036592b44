"""The subcommands of ``plan-tui``; each module is imported when its command is used."""
