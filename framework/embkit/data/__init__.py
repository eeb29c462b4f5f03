"""What things are: datasets, clusterings, requests, configurations, runs, trials."""
