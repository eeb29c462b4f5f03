"""Name groups by the words and phrases that set them apart."""

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from embkit import Context, Groups, Names

__all__ = ["Words"]


class Words:
    """Name each group by the words and phrases that set it apart from the others.

    Candidates are phrases of one to three words that at least two texts share, with
    the variants of a word folded. A term may be a title if a random group of the same
    size would hardly hold it as often: a hypergeometric test at level `alpha`,
    corrected for all terms and groups. Among those, the title is the one that is
    frequent in the group, rare outside, and near the group in the space of the
    vectors, where a term lies at the mean of the texts that hold it. If nothing passes,
    the name says that no word stands out, and the most central text speaks instead.
    No model is used and nothing leaves the machine.

    With each name: how rare its terms would be by chance (``p_value``), how well its
    vector points to the group (``fit``), precision and recall of "holds one of the
    terms" and the AUC of the vector on rows that the terms were not chosen on, and how
    stable the terms are on halves of the rows.

    Cost: O(W log W + n d) for W words in all texts; 0.2 s for 4,312 short texts.

    Parameters
    ----------
    n_terms : int
        The most terms in a name.
    alpha : float
        Level of the test; 1 names every group that has a term.
    metric : {"cosine", "euclidean"}
        Whether vectors are compared by direction alone.
    random_state : int, optional
        Seed of the halves on which names are judged; the run's seed if omitted.

    References
    ----------
    Tarone, "A modified Bonferroni method for discrete data", Biometrics 46, 1990;
    Benjamini and Hochberg, "Controlling the false discovery rate", JRSS B 57, 1995;
    Carbonell and Goldstein, "The use of MMR", SIGIR 1998.
    """

    def __init__(
        self,
        *,
        n_terms: Annotated[int, Ge(1)] = 3,
        alpha: Annotated[float, Gt(0), Le(1)] = 0.05,
        metric: Literal["cosine", "euclidean"] = "cosine",
        random_state: Annotated[int, Ge(0), Le(2**32 - 1)] | None = None,
    ) -> None:
        self.n_terms = n_terms
        self.alpha = alpha
        self.metric = metric
        self.random_state = random_state

    def name(self, groups: Groups, context: Context) -> Names:
        """Return one name a group; without texts they hold central rows alone."""
        from embkit_plugins.algorithms.naming import name_groups

        dataset = groups.dataset
        seed = context.seed if self.random_state is None else self.random_state
        return name_groups(
            dataset.texts or (),
            dataset.vectors,
            groups,
            seed=seed,
            metric=self.metric,
            n_terms=self.n_terms,
            alpha=self.alpha,
        )
