"""Finding, starting and talking to an engine; knows neither SQLMesh nor Textual."""
