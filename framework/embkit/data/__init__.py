"""The nouns of embkit: datasets, clusterings, requests, configurations, runs, trials."""
