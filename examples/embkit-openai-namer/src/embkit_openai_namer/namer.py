"""Names by a language model, on top of the offline ones."""

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import numpy as np
from annotated_types import Ge, Gt, Le

from embkit import Context, Groups, Name, Names, ParameterError
from embkit_openai_namer.client import Client, EndpointError, check_url
from embkit_openai_namer.prompt import BadAnswerError, messages, read_name, shorten
from embkit_plugins.algorithms.naming import name_groups

_GIVE_UP = 3  # failures of the endpoint in a row; the rest of the groups keep their names at once


class OpenAINamer:
    """Name groups with a model behind an OpenAI-compatible endpoint.

    The offline namer runs first. For each group one request is sent that holds its
    terms, its most central texts and the names of its siblings; the model's name
    becomes the title if it is short, clean and not that of the parent or a sibling.
    Otherwise the offline name stays, and a note says why. Terms, rows and figures
    are always the offline ones.

    Texts leave the machine unless `base_url` is on it; a note says how many.

    Parameters
    ----------
    model : str
        The name the endpoint knows the model by.
    base_url : str
        Where ``/chat/completions`` is: https, or http on this machine.
    key_variable : str
        The environment variable that holds the key; none is sent where it is not set.
    n_texts : int
        Central texts of a group in its prompt.
    max_characters : int
        Of each of these texts.
    max_groups : int
        How many groups are sent, the largest first.
    timeout : float
        Seconds to wait for an answer.
    cache_dir : str, optional
        A folder for answers, by the content of the prompt; by default one in the
        user's cache folder. Empty for none.
    """

    def __init__(
        self,
        *,
        model: str,
        base_url: str = "http://localhost:11434/v1",
        key_variable: str = "OPENAI_API_KEY",
        n_texts: Annotated[int, Ge(1), Le(3)] = 3,
        max_characters: Annotated[int, Ge(20)] = 300,
        max_groups: Annotated[int, Ge(1)] = 200,
        timeout: Annotated[float, Gt(0)] = 60.0,
        cache_dir: str | None = None,
    ) -> None:
        if not model:
            raise ParameterError(
                "namer openai: model is empty",
                "the endpoint has to be told which model to ask",
                "give it, as in openai:model=llama3.2",
            )
        self._url = check_url(base_url)
        self.model, self.base_url, self.key_variable = model, base_url, key_variable
        self.n_texts, self.max_characters, self.max_groups = n_texts, max_characters, max_groups
        self.timeout, self.cache_dir = timeout, cache_dir

    def name(self, groups: Groups, context: Context) -> Names:
        """Name each group; those that the model fails keep their offline name."""
        before = _offline(groups, context)
        session = _Session(groups, before, self._client())
        order = _parents_first(groups)
        largest = set(
            np.argsort(-(groups.stops - groups.starts), kind="stable")[: self.max_groups].tolist()
        )
        for done, group in enumerate(order, start=1):
            if group in largest:
                session.refine(group, self._texts(groups, before.names[group]))
            context.progress(done / len(order))
        where = urlsplit(self.base_url).hostname
        return Names(tuple(session.names), (*before.notes, *session.notes(str(where))))

    def _client(self) -> Client:
        folder = _cache_folder() if self.cache_dir is None else self.cache_dir
        cache = Path(folder) if folder else None
        return Client(self._url, self.model, os.environ.get(self.key_variable, ""), self.timeout, cache)

    def _texts(self, groups: Groups, name: Name) -> list[str]:
        """The group's central texts, each once, cut to length."""
        texts = groups.dataset.texts or ()
        found = [shorten(texts[row], self.max_characters) for row in name.rows] if texts else []
        return list(dict.fromkeys(text for text in found if text))[: self.n_texts]


class _Session:
    """The names so far, and what happened on the way."""

    def __init__(self, groups: Groups, before: Names, client: Client) -> None:
        self.names = list(before.names)
        self._parents = [int(parent) for parent in groups.parents]
        self._client = client
        self._sent = self._asked = self._failed_in_a_row = 0
        self._kept: Counter[str] = Counter()

    def refine(self, group: int, texts: list[str]) -> None:
        """Ask for one name, and take it if it is good."""
        if not texts:
            self._kept["it has no text"] += 1
            return
        if self._failed_in_a_row >= _GIVE_UP:
            self._kept["the endpoint was given up"] += 1
            return
        parent = self._parents[group]
        above = self.names[parent].title if parent >= 0 else ""
        beside = [
            name.title
            for other, name in enumerate(self.names)
            if self._parents[other] == parent and other != group
        ]
        conversation = messages(self.names[group].terms, texts, sorted(beside)[:30], above)
        try:
            answer = self._client.kept(conversation) or self._ask(conversation, len(texts))
            title = read_name(answer, [above, *beside])
        except EndpointError as error:
            self._failed_in_a_row += 1
            self._kept[f"the endpoint failed: {error}"] += 1
        except BadAnswerError as error:
            self._kept[f"the answer was refused: {error}"] += 1
        else:
            self._client.keep(conversation, answer)
            self.names[group] = replace(self.names[group], title=title)

    def notes(self, where: str) -> tuple[str, ...]:
        """Say what was sent where, and which groups kept their offline name."""
        notes = [f"{self._sent} texts in {self._asked} requests were sent to {where}"]
        notes += [
            f"{count} of {len(self.names)} groups kept the offline name: {reason}"
            for reason, count in sorted(self._kept.items())
        ]
        return tuple(notes)

    def _ask(self, conversation: list[dict[str, str]], n_texts: int) -> str:
        self._asked += 1
        self._sent += n_texts
        answer = self._client.ask(conversation)
        self._failed_in_a_row = 0
        return answer


def _offline(groups: Groups, context: Context) -> Names:
    """The names by the groups' own words: what the model is told, and what stays if it fails."""
    dataset = groups.dataset
    return name_groups(dataset.texts or (), dataset.vectors, groups, seed=context.seed)


def _cache_folder() -> Path:
    chosen = os.environ.get("EMBKIT_CACHE_DIR")
    base = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "embkit-openai-namer"


def _parents_first(groups: Groups) -> list[int]:
    """A part is smaller than what it is part of."""
    found: list[int] = np.argsort(-(groups.stops - groups.starts), kind="stable").tolist()
    return found
