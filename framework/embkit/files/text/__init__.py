"""Text read line by line: delimited cells, JSON, vectors written in a cell."""
