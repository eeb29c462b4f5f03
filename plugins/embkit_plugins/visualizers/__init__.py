"""The bundled visualizers: names and where they are; no library is imported here."""
