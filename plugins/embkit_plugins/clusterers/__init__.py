"""The bundled clusterers: names and where they are; no library is imported here."""
