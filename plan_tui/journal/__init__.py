"""The journal's file: where it is, its tables, and how it is read; engine and client share it."""
