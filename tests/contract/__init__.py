"""Tests of what crosses the socket."""
