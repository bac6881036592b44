"""The process that does the work: SQLMesh behind a Unix socket."""
