"""Handwritten digits: a small real matrix whose groups are known."""

import numpy as np

from embkit import Dataset


class Digits:
    """The 1797 handwritten digits that come with scikit-learn: 8 x 8 pixels each.

    The vectors are grey values from 0 to 16, in 64 dimensions; the reference
    labels are the digits. Source: scikit-learn's `load_digits`, the test part of
    the UCI data set "Optical Recognition of Handwritten Digits" (Alpaydin and
    Kaynak 1998).
    """

    def load(self, source: str | None) -> Dataset:
        """Read the digits from the installed scikit-learn.

        Parameters
        ----------
        source : str, optional
            Not read.

        Returns
        -------
        Dataset
            1797 rows of float32 in 64 dimensions.
        """
        del source
        from sklearn.datasets import load_digits

        pixels, digits = load_digits(return_X_y=True)
        return Dataset(
            pixels.astype(np.float32), reference=[str(digit) for digit in digits], name="digits"
        )
