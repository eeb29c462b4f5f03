"""Colours of clusters: the same number has the same colour in every picture.

The first seven are Okabe and Ito's (2008, https://jfly.uni-koeln.de/color/)
without black, which is the colour of text. The others were picked greedily, each
colour as far as possible from all before it, in OKLab (Ottosson 2020), where the
distance is a quarter of what normal vision sees plus three quarters of the
least of what normal, protanope and deuteranope vision see (Machado, Oliveira
and Fernandes 2009); the test of this module picks them again. Nobody can tell
two hundred colours apart, so only the `VIVID` largest clusters get strong ones;
smaller clusters get pale ones, enough to see where one ends and the next begins.
"""

import numpy as np

from embkit import Floats, IntArray

__all__ = ["INK", "NOISE", "NOTE", "RULE", "VIVID", "cluster_colors", "label_colors"]

INK = "#333333"
NOTE = "#6b6b6b"
RULE = "#d9d9d9"
NOISE = "#cfcfcf"

_STRONG = (
    "0072b2 e69f00 009e73 d55e00 cc79a7 56b4e9 f0e442 791b1b 6b0079 36d7a1 "
    "ae366b 946bff 1b36bc 006b43 a13600 ff86ff ff8686 ae43bc 3694d7 009400"
)
_PALE = (
    "c9d7f2 d7aec9 94ae79 bce4bc e4bc86 6ba1bc 6bbcae 86c9e4 86a194 94d7c9 f2bcbc ffc9a1 bca1d7 "
    "d7a1a1 c98686 c994ae bcc9ff 79aec9 a1bc86 e4aea1 79c9bc 5eaeae e4bcd7 a1e4d7 aed7ae bc946b "
    "f2c9d7 c9a186 ae94c9 86ae94 86d7e4 86bcd7 d7ae79 aec994 86a1d7 94a179 f2bca1 aec9ae a1bcf2 "
    "e4bcf2 a194ae bca16b c9aee4 c9a1bc aebca1 c99494 f2c9bc a1a1bc f2aebc a1c9c9 aeaec9 c9bce4 "
    "d7d7a1 c9c9e4 a1aee4 e4c9ff c9ae94 94aebc 86bc94 c9c9a1 c9d7bc aed7ff e4c994 ae94a1 aed7d7 "
    "6bbcc9 94bcbc d7aeae a1c9f2 94e4f2 d794a1 d7a1c9 d7a179 d7bcae aea1c9 e4aed7 c9aebc bcaed7 "
    "aebcd7 f2bce4 d7bcc9 94aed7 ffbcc9 c99479 79a1c9 bcbc94 79aea1 ffbcae a1a186 94bce4 e4ae86 "
    "79bca1 86c9ae a1d7bc 94c9a1 aee4c9 79c9d7 6baebc a1ae86 ae94bc e4d7ae 94d7f2 d7c9ae c994bc "
    "d7c9f2 bca194 79a1ae bca1ae 9494c9 c9bcf2 86d7d7 79c9c9 c98694 a1c9d7 d7bc94 94bcae 94e4e4 "
    "a1c9bc 6bbcbc d7a1ae ae9486 94bcc9 f2c9e4 86aeae aed7e4 d7a194 ffbcd7 bc86a1 f2c9c9 d79486 "
    "bcae86 f2c9ae aed7a1 d7bca1 86a186 bce4ae 94a16b aeae79 aeae94 79ae86 bcbc86 c9c994 e4ae94 "
    "f2bc94 a1a1d7 e4c9a1 aec9e4 f2aeae bca179 ae9479 bc86ae c9aea1 c9d7ae 94a1c9 bcc9f2 aebce4 "
    "aec9a1 a1bc94 94aea1 c9bcd7 94aec9 79aed7 86a1bc aed7c9 94bca1 aed7f2 6bae94 c99486 d79494 "
    "c994a1 5eaea1 e4a194 e4a1a1 c9946b e4a1ae bc9494 bc94ae f2aea1 e4aebc d7a186"
)
_COLORS = bytes.fromhex(f"{_STRONG} {_PALE}")
_N_COLORS = len(_COLORS) // 3

VIVID = len(_STRONG.split())
"""How many of the largest clusters have a strong colour."""


def cluster_colors(n_clusters: int) -> Floats:
    """Colours of clusters 0 to `n_clusters` - 1 as sRGB, shape (n_clusters, 3), each 0 to 1.

    A cluster's colour does not depend on how many clusters there are. Beyond
    200 the pale ones repeat.
    """
    colors = np.frombuffer(_COLORS, np.uint8).reshape(-1, 3) / 255
    numbers = np.arange(n_clusters)
    pale = VIVID + (numbers - VIVID) % (_N_COLORS - VIVID)
    return colors[np.where(numbers < VIVID, numbers, pale)]


def label_colors(labels: IntArray) -> Floats:
    """The colour of each row by its label, shape (n_samples, 3); noise is light grey."""
    noise = np.array(list(bytes.fromhex(NOISE[1:]))) / 255
    colors = np.vstack([noise, cluster_colors(int(labels.max(initial=-1)) + 1)])
    return colors[labels + 1]
