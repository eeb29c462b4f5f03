"""The digits: scikit-learn's, with the digit as reference label."""

import numpy as np
from sklearn.datasets import load_digits

from embkit_plugins.loaders.digits import Digits


def test_digits_are_those_of_scikit_learn() -> None:
    dataset = Digits().load(None)
    pixels, digits = load_digits(return_X_y=True)
    assert dataset.vectors.shape == (1797, 64)
    assert dataset.vectors.dtype == np.float32
    np.testing.assert_array_equal(dataset.vectors, pixels)
    assert dataset.reference == tuple(str(digit) for digit in digits)
    assert dataset.name == "digits"
