"""Turn a configuration into components that are ready to run, before any data is read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from embkit.data.configuration.request import Request
from embkit.data.configuration.run import NOTHING, RunConfig, Slot, slots
from embkit.data.dataset import Dataset
from embkit.errors import DataError, ParameterError
from embkit.files.kinds import kind_of, remedy_of
from embkit.files.several import as_sources, files_of, is_folder
from embkit.plugin.registry import Component, Registry
from embkit.plugin.specs import ExporterSpec, LoaderSpec
from embkit.plugin.steps import Step, make_step

__all__ = ["Plan", "choose_loader", "make_exporters", "make_plan"]

_SEVERAL = {"run": "runs", "study": "studies"}
_MAGIC_BYTES = 16


@dataclass(frozen=True)
class Plan:
    """The steps of a run, by where they stand in its configuration, in the order in which they run."""

    steps: Mapping[Slot, tuple[Step, ...]]

    def __iter__(self) -> Iterator[Step]:
        for steps in self.steps.values():
            yield from steps

    def of(self, kind: str) -> tuple[Step, ...]:
        """The steps of one kind."""
        return tuple(step for slot, steps in self.steps.items() if slot.kind == kind for step in steps)

    def one(self, kind: str) -> Step | None:
        """The one step of a kind that a run has at most one of, None if it has none."""
        return next(iter(self.of(kind)), None)

    def acting_on(self, dataset: Dataset, config: RunConfig) -> "Plan":
        """The steps that will do something: the default namer names only rows with texts."""
        if dataset.texts is not None or config.namer is not None:
            return self
        return Plan({slot: () if slot.kind == "namer" else steps for slot, steps in self.steps.items()})

    def resolved(self, config: RunConfig) -> RunConfig:
        """The configuration with every component as it was made, defaults filled in."""
        return config.with_requests(
            {
                slot: [step.request for step in steps]
                for slot, steps in self.steps.items()
                # A namer that nobody asked for waits for texts, and would not in a run that states it.
                if slot.kind != "namer" or config.namer not in (None, NOTHING)
            }
        )


def make_plan(config: RunConfig, registry: Registry, *, loaded: bool = False) -> Plan:
    """Find, make and check every component of a configuration.

    Parameters
    ----------
    config : RunConfig
        What was asked for.
    registry : Registry
        Where components are found.
    loaded : bool
        Whether the dataset is at hand already, so that no loader is needed.

    Raises
    ------
    ParameterError
        If a name or a parameter is wrong, or nothing is left to do.
    PluginError
        If a component cannot be made.
    """
    steps: dict[Slot, tuple[Step, ...]] = {}
    for slot in slots():
        if slot.kind == "loader":
            steps[slot] = () if loaded else (_make_loader(config, registry),)
        elif slot.kind == "namer":
            steps[slot] = _make_namer(config, registry)
        elif slot.kind == "exporter":
            steps[slot] = tuple(make_exporters(config.requests(slot), "run", registry))
        else:
            steps[slot] = tuple(
                make_step(registry, slot.kind, request) for request in config.requests(slot)
            )
    plan = Plan(steps)
    for step in plan:
        if config.clusterer is None and step.subject == "clustering":
            raise ParameterError(
                f"{step.component} needs a clusterer",
                "its subject is a clustering",
                "name one with --clusterer",
            )
    return plan


def make_exporters(requests: Sequence[Request], subject: str, registry: Registry) -> list[Step]:
    """The exporters that were asked for, made and checked.

    Parameters
    ----------
    requests : sequence of Request
        Which.
    subject : {"run", "study"}
        What they are to export.
    registry : Registry
        Where they are found.

    Raises
    ------
    ParameterError
        If one of them does not export such a subject, or a parameter does not fit.
    """
    steps = [make_step(registry, "exporter", request) for request in requests]
    for step in steps:
        spec = step.component.spec
        if isinstance(spec, ExporterSpec) and subject not in spec.subjects:
            raise ParameterError(
                f"{step.component} does not export {_SEVERAL[subject]}",
                f"it exports {' and '.join(_SEVERAL[each] for each in spec.subjects)}",
                "see: embkit plugins list",
            )
    return steps


def _make_namer(config: RunConfig, registry: Registry) -> tuple[Step, ...]:
    """The namer that was asked for, or the default one; none without a clusterer."""
    if config.clusterer is None or config.namer == NOTHING:
        return ()
    if config.namer is not None:
        return (make_step(registry, "namer", config.namer),)
    default = registry.default("namer")
    return () if default is None else (make_step(registry, "namer", Request(default.name, {})),)


def _make_loader(config: RunConfig, registry: Registry) -> Step:
    if config.loader is not None:
        request = config.loader
    elif config.source is None:
        default = registry.default("loader")
        if default is None:
            raise ParameterError(
                "there is no source", "no plugin brings data of its own", "give a SOURCE"
            )
        request = Request(default.name, {})
    else:
        request = Request(choose_loader(registry, config.source).name, {})
    step = make_step(registry, "loader", request)
    spec = step.component.spec
    if isinstance(spec, LoaderSpec) and spec.needs_source != (config.source is not None):
        needs = (
            "needs a SOURCE to read" if spec.needs_source else "makes its own data and reads no SOURCE"
        )
        fix = f"give a path after {spec.name}" if spec.needs_source else f"leave {config.source} out"
        raise ParameterError(f"{step.component} {needs}", "", fix)
    return step


def choose_loader(registry: Registry, source: str | Sequence[str]) -> Component:
    """The loader for a source, recognised by its files.

    Parameters
    ----------
    registry : Registry
        Where loaders are found.
    source : str or sequence of str
        A file, a folder, a pattern, or several of them.

    Raises
    ------
    DataError
        If it cannot be read, or its files are of several kinds.
    ParameterError
        If no loader claims a file.
    """
    specs = {component: component.spec for component in registry.components("loader")}
    loaders = {component: spec for component, spec in specs.items() if isinstance(spec, LoaderSpec)}
    folders = [Path(item).expanduser() for item in as_sources(source) if is_folder(item)]
    for folder in folders:
        for component, spec in loaders.items():
            if spec.folders and folder.name.lower().endswith(spec.suffixes):
                return component
    found = files_of(source)
    if len(found.files) == 1 and not folders:
        return _loader_of(found.files[0], loaders)
    claims: dict[Component, list[Path]] = {}
    for file in found.files:
        claim = _by_name(file, loaders) if folders else _loader_of(file, loaders)
        if claim is not None:
            claims.setdefault(claim, []).append(file)
    if not claims:
        raise _unclaimed(folders[0], found.files)
    return _one_kind(claims, loaders, found.name)


def _one_kind(
    claims: Mapping[Component, list[Path]], loaders: Mapping[Component, LoaderSpec], name: str
) -> Component:
    """The kind that files are of; of vectors beside what describes the rows, that of the vectors."""
    vectors = [component for component in claims if loaders[component].vectors_only]
    for candidates in (list(claims), vectors):
        if len(candidates) == 1:
            return candidates[0]
    kinds = [f"{len(files)} for loader {one.name} ({files[0].name})" for one, files in claims.items()]
    example = max(claims.values(), key=lambda files: sum(file.stat().st_size for file in files))[0]
    raise DataError(
        f"{name}: it holds files of several kinds: {', '.join(kinds)}",
        "which of them are the embeddings is unclear",
        f"give a pattern, such as '{example.parent / ('*' + example.suffix)}', or name a --loader",
    )


def _unclaimed(folder: Path, files: Sequence[Path]) -> DataError:
    below = sorted(path.name for path in folder.iterdir() if path.is_dir())
    shown = ", ".join(file.name for file in files[:5])
    return DataError(
        f"{folder}: no loader knows its files by their names: {shown}",
        f"it holds the folders {', '.join(below[:5])}" if below else "",
        f"give a pattern, such as '{folder / '**' / '*.parquet'}'"
        if below
        else "name one with --loader",
    )


def _by_name(file: Path, loaders: Mapping[Component, LoaderSpec]) -> Component | None:
    name = file.name.lower()
    endings = {suffix: component for component, spec in loaders.items() for suffix in spec.suffixes}
    fitting = [suffix for suffix in endings if name.endswith(suffix)]
    return endings[max(fitting, key=len)] if fitting else None


def _loader_of(source: Path, loaders: Mapping[Component, LoaderSpec]) -> Component:
    """The loader for a file: by the longest fitting name ending, else by its first bytes."""
    named = _by_name(source, loaders)
    if named is not None:
        return named
    with source.open("rb") as file:
        head = file.read(_MAGIC_BYTES)
    for component, spec in loaders.items():
        if any(head.startswith(magic) for magic in spec.magic):
            return component
    kind = kind_of(source)
    if kind is not None:
        raise ParameterError(
            f"{source}: no loader knows this kind of file: it is {kind}", "", remedy_of(kind)
        )
    endings = sorted(suffix for spec in loaders.values() for suffix in spec.suffixes)
    raise ParameterError(
        f"{source}: no loader knows this kind of file",
        f"known endings: {', '.join(endings) or 'none'}",
        "name one with --loader, see: embkit plugins list",
    )
