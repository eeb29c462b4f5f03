"""What loaders share: columns, rows and members of files."""
