"""One file for each promise that plan_tui keeps under faults."""
