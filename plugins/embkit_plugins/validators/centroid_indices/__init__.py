"""Indices over centroids, which are euclidean whatever metric the clusterer used."""
