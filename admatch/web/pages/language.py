"""The page's languages and labels: ``Labels``."""

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from admatch.messages import templates

LANGUAGES = {"en": "English", "zh": "简体中文"}
TAGS = {"en": "en", "zh": "zh-CN"}  # as <html lang> and Intl have them
_INSTEAD = "instead."
_FOLDER = Path(__file__).parent / "translations"


class Labels:
    """The page's own sentences in one language, by key."""

    def __init__(self, language: str) -> None:
        self.language, self.sentences = language, sentences(language)

    def say(self, key: str, **values: object) -> str:
        """Return a sentence with its values set in; KeyError for an unknown one.

        A sentence with forms for one and for several is chosen by the value ``n``.
        """
        forms = self.sentences[key]
        text = forms if isinstance(forms, str) else forms["one" if values["n"] == 1 else "other"]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text


@cache
def sentences(language: str) -> Mapping[str, str | dict[str, str]]:
    """Return all labels of a language: key → text, or key → {one, other}."""
    text = (_FOLDER / f"{language}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(text)))


def script(language: str) -> str:
    """Return the module with the page's labels, and with every message that the API may answer."""
    own = sentences(language)
    labels = json.dumps(own, ensure_ascii=False)
    # Some messages name an option of the command line; the page has a field instead.
    instead = {
        key.removeprefix(_INSTEAD): text for key, text in own.items() if key.startswith(_INSTEAD)
    }
    messages = json.dumps({**templates(language), **instead}, ensure_ascii=False)
    return f"export const labels = {labels};\nexport const messages = {messages};\n"


def choose(cookie: str | None, accepted: str) -> str:
    """Return the language that was chosen, else the one that the browser prefers."""
    if cookie in LANGUAGES:
        return cookie
    for tag in _by_weight(accepted):
        if tag.partition("-")[0].lower() in LANGUAGES:
            return tag.partition("-")[0].lower()
    return "en"


def _by_weight(accepted: str) -> list[str]:
    """Return the tags of an Accept-Language header, the preferred one first."""
    weighted = []
    for part in accepted.split(",")[:20]:
        tag, _, weight = part.partition(";q=")
        try:
            weighted.append((float(weight or 1), tag.strip()))
        except ValueError:
            continue
    return [tag for weight, tag in sorted(weighted, key=lambda one: -one[0]) if weight > 0]


def _flat(tree: Mapping[str, Any], above: str = "") -> Any:  # noqa: ANN401 - pairs
    for name, value in tree.items():
        key = f"{above}{name}"
        if isinstance(value, Mapping) and set(value) != {"one", "other"}:
            yield from _flat(value, f"{key}.")
        else:
            yield key, value
