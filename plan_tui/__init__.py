"""The terminal where SQLMesh plans are reviewed, categorized and applied."""

__version__ = "0.1.0"
