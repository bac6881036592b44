"""The Textual app; knows the engine only through ``plan_tui.client.port``."""
