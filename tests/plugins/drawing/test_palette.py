import numpy as np

from embkit_plugins.drawing.palette import VIVID, _as_seen, cluster_colors, label_colors


def test_the_first_colours_are_okabe_and_itos() -> None:
    assert (cluster_colors(2) * 255).round().tolist() == [[0, 114, 178], [230, 159, 0]]


def test_a_cluster_keeps_its_colour_whatever_their_number() -> None:
    many = cluster_colors(300)
    for n_clusters in (0, 1, 7, 20, 200):
        assert np.array_equal(cluster_colors(n_clusters), many[:n_clusters])
    assert many.min() >= 0
    assert many.max() <= 1


def test_two_hundred_colours_differ() -> None:
    assert len(np.unique(cluster_colors(200), axis=0)) == 200


def test_strong_colours_differ_for_every_kind_of_vision() -> None:
    seen = _as_seen(cluster_colors(VIVID))
    apart = np.sqrt(((seen[:, :, None] - seen[:, None]) ** 2).sum(axis=-1))
    off_diagonal = apart[:, ~np.eye(VIVID, dtype=bool)]
    assert off_diagonal.min() > 0.03  # in OKLab; 0.02 is just noticeable


def test_colours_of_rows_follow_labels_and_noise_is_grey() -> None:
    colors = label_colors(np.array([-1, 0, 1, 0]))
    assert len(set(colors[0])) == 1
    assert np.array_equal(colors[1:], cluster_colors(2)[[0, 1, 0]])
    assert np.array_equal(label_colors(np.array([-1, -1])), colors[[0, 0]])
