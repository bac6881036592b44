"""Compares ``plan --json`` with SQLMesh's own API over mutations of generated projects."""
