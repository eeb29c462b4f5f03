"""One request to an OpenAI-compatible endpoint, with answers kept by content."""

import hashlib
import json
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from embkit import ParameterError

_LARGEST = 1_000_000  # bytes of an answer that are read
_LOCAL = ("localhost", "127.0.0.1", "::1")


class EndpointError(Exception):
    """The endpoint gave no answer that can be read."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Texts and key go where the user said, and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def check_url(base_url: str) -> str:
    """Return the address of chat completions, or refuse one that would send a key in the clear."""
    parts = urllib.parse.urlsplit(base_url)
    if (parts.scheme == "https" and parts.hostname) or (
        parts.scheme == "http" and parts.hostname in _LOCAL
    ):
        return f"{base_url.rstrip('/')}/chat/completions"
    raise ParameterError(
        f"namer openai: base_url={base_url} cannot be used",
        "texts are sent by https, or by http to this machine alone",
        "give an address such as https://api.openai.com/v1 or http://localhost:11434/v1",
    )


class Client:
    """Sends conversations and keeps their answers.

    Parameters
    ----------
    url : str
        Of chat completions.
    model : str
        The model's name there.
    key : str
        Sent as bearer token; empty for none.
    timeout : float
        Seconds.
    cache : pathlib.Path, optional
        Folder of answers; none are kept without.
    """

    def __init__(self, url: str, model: str, key: str, timeout: float, cache: Path | None) -> None:
        self._url, self._model, self._key = url, model, key
        self._timeout, self._cache = timeout, cache
        self._opener = urllib.request.build_opener(_NoRedirects)

    def kept(self, conversation: list[dict[str, str]]) -> str | None:
        """Return the answer from the cache, if it is there."""
        path = self._path(conversation)
        try:
            found = json.loads(path.read_text("utf-8")) if path else None
        except (OSError, ValueError):
            return None
        return found if isinstance(found, str) else None

    def ask(self, conversation: list[dict[str, str]]) -> str:
        """Send a conversation and return the answer.

        Raises
        ------
        EndpointError
            If the endpoint cannot be reached, refuses, or answers something else.
        """
        body = {"model": self._model, "messages": conversation, "temperature": 0, "max_tokens": 100}
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = urllib.request.Request(self._url, json.dumps(body).encode(), headers)
        try:
            with self._opener.open(request, timeout=self._timeout) as stream:
                answer = json.loads(stream.read(_LARGEST))["choices"][0]["message"]["content"]
        except urllib.error.HTTPError as error:
            raise EndpointError(f"it answered {error.code}") from None
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise EndpointError(f"no answer ({type(error).__name__})") from None
        if not isinstance(answer, str):
            raise EndpointError("an answer without text")
        return answer

    def keep(self, conversation: list[dict[str, str]], answer: str) -> None:
        """Put an answer into the cache; written whole or not at all."""
        path = self._path(conversation)
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as stream:
            json.dump(answer, stream)
        Path(stream.name).replace(path)

    def _path(self, conversation: list[dict[str, str]]) -> Path | None:
        content = json.dumps([self._url, self._model, conversation], sort_keys=True)
        digest = hashlib.sha256(content.encode()).hexdigest()
        return self._cache / f"{digest}.json" if self._cache else None
