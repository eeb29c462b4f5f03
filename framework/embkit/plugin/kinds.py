"""The kinds of component, a row each: whatever the host needs to know of a kind is read here.

Hook names, plans, configurations, the conformance kit, ``plugins list`` and
``plugins new`` follow from these rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from embkit.plugin.specs import (
    ArtifactSpec,
    ClustererSpec,
    ExporterSpec,
    LoaderSpec,
    NamerSpec,
    ReducerSpec,
    Spec,
    ValidatorSpec,
    VisualizerSpec,
)

__all__ = ["KINDS", "Kind"]


@dataclass(frozen=True)
class Kind:
    """One kind of component.

    Parameters
    ----------
    name, plural : str
        What one of them, and several, are called.
    spec : type
        What a plugin yields to offer one.
    method : str
        The method that makes a component one of its kind.
    returns : str
        What that method returns, in words.
    use : str
        How a user asks for the component ``$name``.
    takes_of : bool
        Whether it can be asked to see the source's vectors, with ``of=source``.
    kept : str
        Where a run or a study keeps its results; empty if nowhere.
    """

    name: str
    plural: str
    spec: type[Spec]
    method: str
    returns: str
    use: str
    takes_of: bool = False
    kept: str = ""

    @property
    def hook(self) -> str:
        """The hook in which a plugin offers components of this kind."""
        return f"embkit_register_{self.plural}"


_ROWS = (
    Kind(
        "loader",
        "loaders",
        LoaderSpec,
        method="load",
        returns="a Dataset",
        use="embkit run FILE.$name --clusterer agglomerative",
    ),
    Kind(
        "reducer",
        "reducers",
        ReducerSpec,
        method="reduce",
        returns="a Dataset",
        use="embkit run --reducer $name --clusterer agglomerative",
    ),
    Kind(
        "artifact",
        "artifacts",
        ArtifactSpec,
        method="compute",
        returns="an Artifact",
        use='context.artifact("$name")["distances"]',
        kept="the cache",
    ),
    Kind(
        "clusterer",
        "clusterers",
        ClustererSpec,
        method="cluster",
        returns="a Clustering",
        use="embkit run --clusterer $name",
        takes_of=True,
        kept="labels.csv, linkage.npy",
    ),
    Kind(
        "namer",
        "namers",
        NamerSpec,
        method="name",
        returns="Names",
        use="embkit run --clusterer agglomerative --namer $name",
        kept="tables/clusters.csv",
    ),
    Kind(
        "validator",
        "validators",
        ValidatorSpec,
        method="validate",
        returns="a Validation",
        use="embkit run --clusterer agglomerative --validator $name",
        takes_of=True,
        kept="scores.json, tables/",
    ),
    Kind(
        "visualizer",
        "visualizers",
        VisualizerSpec,
        method="draw",
        returns="a matplotlib Figure, or several by name",
        use="embkit run --clusterer agglomerative --viz $name",
        takes_of=True,
        kept="figures/",
    ),
    Kind(
        "exporter",
        "exporters",
        ExporterSpec,
        method="export",
        returns="files by relative path",
        use="embkit run --clusterer agglomerative --export $name",
        kept="the folder of the run or study",
    ),
)

KINDS: Mapping[str, Kind] = MappingProxyType({row.name: row for row in _ROWS})
"""The kinds by name, in the order in which a run meets them."""
