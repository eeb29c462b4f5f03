"""The component of the plugin: its name and where it is; no library is imported here."""

from collections.abc import Iterable

import embkit

embkit_api = 1


@embkit.hookimpl
def embkit_register_namers() -> "Iterable[embkit.NamerSpec]":
    """Offer the namer."""
    yield embkit.NamerSpec(
        "openai",
        "embkit_openai_namer.namer:OpenAINamer",
        summary="Names by a language model behind an OpenAI-compatible endpoint; sends texts to it.",
    )
