"""The condensed tree of HDBSCAN: where other rows fall in it, and soft memberships."""
