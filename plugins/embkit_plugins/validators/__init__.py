"""The bundled validators: names and where they are; no library is imported here."""
