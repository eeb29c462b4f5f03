"""The protocols of the kinds of component, and the context that they are handed.

A component's parameters are its keyword-only ``__init__`` arguments, annotated
and with defaults; ``__init__`` only stores them. The methods here are called by
the host and by nobody else.

Two methods are optional for every kind: ``memory`` (see `Sized`), and
``check() -> None``, called before any data is read, which raises ParameterError
if parameters contradict one another.

One attribute is optional for every kind: ``by_blocks = True`` says that it reads
vectors by slices and by lists of rows only, so that they may be `Blocks` that stay
in their files; all others are handed an array.

A reducer also states the width of what it returns, or an upper bound of it, with
``n_features_out(n_samples, n_features) -> int``, so that the need of later steps
is known; if omitted, that is its parameter ``n_components`` if it is an integer,
else the width that goes in.

A reducer that can place rows that come later also has ``transform`` (see
`Transformer`), and a clusterer that can assign them ``assign`` (see `Assigner`).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from matplotlib.figure import Figure

    from embkit.data.assignment import Assignment
    from embkit.data.dataset import Dataset, Fitted
    from embkit.data.names import Groups, Names
    from embkit.data.results import Artifact, Clustering, Validation

__all__ = [
    "ArtifactComponent",
    "Assigner",
    "Clusterer",
    "Context",
    "Estimate",
    "Exporter",
    "Loader",
    "Namer",
    "Reducer",
    "Sized",
    "Transformer",
    "Validator",
    "Visualizer",
]

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Estimate:
    """The memory a component will need, said before anything is allocated.

    Parameters
    ----------
    peak : int
        Bytes at the worst moment, beside the dataset itself.
    route : str
        Algorithm the estimate applies to, such as ``condensed matrix``.
    alternatives : tuple of str
        What would need less, as a user would type it, for the refusal.
    """

    peak: int
    route: str = ""
    alternatives: tuple[str, ...] = ()


class Context(Protocol):
    """The host's services for a component.

    A context is bound to one dataset, the one the component works on.
    """

    @property
    def seed(self) -> int:
        """The seed of the run, for a component without a ``random_state`` of its own."""
        ...

    @property
    def threads(self) -> int:
        """How many threads it may use; BLAS and OpenMP are limited to it already."""
        ...

    @property
    def memory(self) -> int:
        """How many bytes it may allocate."""
        ...

    @property
    def distributed(self) -> bool:
        """Whether `map` makes its calls on the workers of a cluster, each on one thread."""
        ...

    def map(self, function: "Callable[[Item], Result]", items: "Iterable[Item]") -> "Iterator[Result]":
        """The results of a function for each item, in the order of the items.

        They are computed while one iterates: in this process one by one, each when
        it is asked for, or on the workers of a dask cluster, a few ahead. The
        function belongs to a module, or is a ``functools.partial`` of such a one;
        it, its items and its results must pickle. It depends on nothing but its
        item, since it may be called again if a worker is lost. An item may be a part
        from `scatter`, or a tuple that holds some.
        """
        ...

    def scatter(self, vectors: Any, n_rows: int) -> "Sequence[Any]":
        """Consecutive parts of `n_rows` rows, kept where `map` calls functions.

        In a function a part is an array, or `Blocks` where the vectors lie in files,
        which it reads itself; here parts are only handed on to `map`.
        """
        ...

    def artifact(self, name: str, **params: Any) -> "Artifact":
        """The artifact of that name for the bound dataset, computed at most once.

        Parameters may be arrays, such as labels: equal arrays are the same parameter.
        """
        ...

    def keep_part(self, make: "Callable[[], Artifact]") -> None:
        """Keep what is done so far of the artifact that is computed, in case it is interrupted.

        Call it wherever one could go on from; `make` is called about once a minute. It is kept
        in the disk cache, if there is one, until the artifact is done.
        """
        ...

    def unfinished_part(self) -> "Artifact | None":
        """What `keep_part` kept of this artifact before an interruption, if anything."""
        ...

    def on(self, dataset: "Dataset", seed: int | None = None) -> "Context":
        """The same context, bound to another dataset, and to another seed if one is given."""
        ...

    def refit(self, dataset: "Dataset") -> "Clustering":
        """Another dataset clustered in the way of the run: same clusterer, same parameters."""
        ...

    def progress(self, done: float, note: str = "") -> None:
        """Report the share of the work done, 0 to 1."""
        ...


@runtime_checkable
class Loader(Protocol):
    """Makes a dataset from a source."""

    def load(self, source: str | None) -> "Dataset":
        """Read `source` (a path, or None for a generator).

        The vectors may be of any real dtype and memory-mapped; the host makes
        them canonical. `embkit.available_memory` gives the bytes that it may
        use, which are the run's budget. Raises DataError if the source cannot be
        read, ResourceError if it does not fit.
        """
        ...


@runtime_checkable
class Reducer(Protocol):
    """Makes other vectors for the same rows."""

    def reduce(self, dataset: "Dataset", context: Context) -> "Dataset":
        """Return ``dataset.with_vectors(...)``; rows keep their order."""
        ...


@runtime_checkable
class ArtifactComponent(Protocol):
    """Computes something dear from a dataset; pure: same input, same output."""

    def compute(self, dataset: "Dataset", context: Context) -> "Artifact":
        """Return the arrays and the facts about how they came about."""
        ...


@runtime_checkable
class Clusterer(Protocol):
    """Groups the rows of a dataset."""

    def cluster(self, dataset: "Dataset", context: Context) -> "Clustering":
        """Return labels, any integers with -1 for noise; the host renumbers them."""
        ...


@runtime_checkable
class Namer(Protocol):
    """Says what groups of rows are about."""

    def name(self, groups: "Groups", context: Context) -> "Names":
        """Return one name for each group, in their order."""
        ...


@runtime_checkable
class Validator(Protocol):
    """Judges a clustering, or a dataset."""

    def validate(self, subject: Any, context: Context) -> "Validation":
        """Return scores, tables and notes, or ``Validation.skip(reason)``."""
        ...


@runtime_checkable
class Visualizer(Protocol):
    """Draws a clustering, or a dataset where its spec says so."""

    def draw(self, subject: Any, context: Context) -> "Figure | Mapping[str, Figure]":
        """Return a figure made without pyplot, or several by name."""
        ...


@runtime_checkable
class Exporter(Protocol):
    """Turns a finished run or study into files."""

    def export(self, subject: Any, context: Context) -> "Mapping[str, str | bytes | Figure]":
        """Return the content of each file by its relative path; figures are written as PNG.

        `subject` is a `Run` or a `StudyRecord`, as the spec says. The context is
        bound to the run's dataset, or to a study's first one.
        """
        ...


@runtime_checkable
class Transformer(Protocol):
    """A reducer that places rows that come later as it placed those that it was fitted on."""

    def transform(self, dataset: "Dataset", fitted: "Fitted") -> "Dataset | None":
        """Return ``dataset.with_vectors(...)`` for rows that `reduce` did not see.

        `fitted` is what `reduce` gave to ``with_vectors(vectors, fitted=...)``, read
        back from disk. A row's vector depends on that row and `fitted` alone. None
        says that these arrays do not suffice.
        """
        ...


@runtime_checkable
class Assigner(Protocol):
    """A clusterer that knows the cluster of rows that come later."""

    def assign(
        self, clustering: "Clustering", others: "Dataset", context: Context
    ) -> "Assignment | None":
        """Return a label for each of the other rows, by the numbers of `clustering`.

        The others were reduced as the clustering's rows were. A row's label depends
        on that row and the clustering alone; what must be known beside the rows and
        labels is in ``clustering.fitted``, where `cluster` put it. The context is
        bound to the clustering's dataset. None says that there is no such rule for
        this clustering: then its nearest rows decide.
        """
        ...


@runtime_checkable
class Sized(Protocol):
    """A component that can grow beyond the memory at hand says so beforehand."""

    def memory(self, n_samples: int, n_features: int, budget: int) -> Estimate:
        """Estimate the need for a float32 dataset of that shape within `budget` bytes.

        A component with several routes answers for the one it will take.
        """
        ...
