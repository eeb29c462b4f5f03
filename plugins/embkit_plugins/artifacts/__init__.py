"""The bundled artifacts: names and where they are; no library is imported here."""
