"""Models whose files can't be read or rendered: kept out of the way of all others."""
