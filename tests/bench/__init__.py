"""Measures the design's budgets, each beside what a user would use instead; ``make bench``."""
