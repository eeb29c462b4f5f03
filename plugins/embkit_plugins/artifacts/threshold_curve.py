"""The threshold curve: what each cut of one tree would give.

Shared by validator ``thresholds`` (the table) and visualizer ``threshold-curve``
(the picture), so that both show the same numbers.

    curve = threshold_curve(clustering.linkage, dataset, metric, marks=(0.20, 0.25), seed=seed)
    curve.thresholds, curve.n_clusters, curve.largest, curve.singletons, curve.silhouette
    curve.plateaus, curve.random_pairs, curve.n_sampled, curve.table()
"""
