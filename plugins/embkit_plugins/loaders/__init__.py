"""The bundled loaders: names and where they are; no library is imported here."""
