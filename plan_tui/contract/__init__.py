"""Everything that crosses the engine's socket, and nothing that runs."""
