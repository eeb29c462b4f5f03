"""The bundled reducers: names and where they are; no library is imported here."""
