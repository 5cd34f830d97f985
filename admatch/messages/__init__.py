"""What admatch says, by identifier: ``say``, ``Message``.

Every sentence that a person may read stands once in ``en/ROOM.toml`` and once in ``zh/ROOM.toml``,
under the same identifier, with the same ``{parameters}``. Code names the identifier; the text that
it gets is the English one, and knows how to be said in another language.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from admatch.messages.readable import readable

LANGUAGES = ("en", "zh")
Template: TypeAlias = str | dict[str, str]
_PARAMETER = re.compile(r"\{(\w+)\}")


class Message(str):
    """An English sentence, with the identifier and the parameters that it was made of.

    It is a text wherever a text is wanted; ``as_json`` carries what a page needs to say it in its
    reader's language.
    """

    id: str
    parameters: dict[str, "str | int | Message"]

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (str(self), self.id, self.parameters)

    def __copy__(self) -> "Message":
        return self

    def __deepcopy__(self, memo: object) -> "Message":
        return self

    def in_language(self, language: str) -> str:
        """Return the sentence in one of ``LANGUAGES``."""
        values = {
            name: value.in_language(language) if isinstance(value, Message) else value
            for name, value in self.parameters.items()
        }
        return _filled(templates(language)[self.id], values)


def say(identifier: str, **parameters: str | int | Message) -> Message:
    """Return the sentence with this identifier, its parameters set in.

    A whole number is written with thousands separators; any other amount comes formatted. Where
    the sentence has forms for one and for several, the parameter ``n`` decides. A parameter may be
    a ``Message`` itself; in a text, characters that no reader sees are marked. Raises ``KeyError``
    for an identifier or a parameter that is not known.

    >>> say("test.rows", n=1), say("test.rows", n=2000)
    ('1 row was read', '2,000 rows were read')
    """
    plain = {name: _readable(value) for name, value in parameters.items()}
    return _made(_filled(templates("en")[identifier], plain), identifier, plain)


def as_json(text: str) -> dict[str, Any] | str:
    """Return a message as JSON holds it; a text without an identifier stays a text.

    >>> as_json(say("test.rows", n=2))
    {'id': 'test.rows', 'parameters': {'n': 2}, 'text': '2 rows were read'}
    """
    if not isinstance(text, Message):
        return str(text)
    parameters = {
        name: as_json(value) if isinstance(value, str) else value
        for name, value in text.parameters.items()
    }
    return {"id": text.id, "parameters": parameters, "text": str(text)}


def from_json(held: Mapping[str, Any] | str) -> str:
    """Return the message that ``as_json`` held; one whose identifier is gone is a plain text."""
    if isinstance(held, str):
        return held
    parameters = {
        name: value if isinstance(value, int) else from_json(value)
        for name, value in held["parameters"].items()
    }
    if held["id"] not in templates("en"):
        return str(held["text"])
    return _made(held["text"], held["id"], parameters)


@cache
def templates(language: str) -> dict[str, Template]:
    """Return every sentence of a language by identifier: a text, or forms ``one`` and ``other``."""
    found: dict[str, Template] = {}
    for file in sorted(files(__package__).joinpath(language).iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            room = file.name.removesuffix(".toml")
            found |= dict(_flat(tomllib.loads(file.read_text(encoding="utf-8")), f"{room}."))
    return found


def parameters_of(template: Template) -> set[str]:
    """Return the names of a template's parameters."""
    forms = [template] if isinstance(template, str) else template.values()
    return {name for form in forms for name in _PARAMETER.findall(form)}


def _readable(value: str | int | Message) -> str | int | Message:
    """Return a text as a sentence can hold it; a message was made of such, amounts have none."""
    return readable(value) if isinstance(value, str) and not isinstance(value, Message) else value


def _made(text: str, identifier: str, parameters: Mapping[str, str | int | Message]) -> Message:
    message = Message(text)
    message.id, message.parameters = identifier, dict(parameters)
    return message


def _filled(template: Template, values: Mapping[str, str | int]) -> str:
    if isinstance(template, dict):
        template = template["one" if values["n"] == 1 else "other"]
    text, *further = _pieces(template)
    names, texts = further[::2], further[1::2]
    for name, following in zip(names, texts, strict=True):
        text += _written(values[name]) + following
    return text


@cache
def _pieces(template: str) -> tuple[str, ...]:
    """Return a text, then by turns the name of a parameter and the text that follows."""
    return tuple(_PARAMETER.split(template))


def _written(value: str | int) -> str:
    return value if isinstance(value, str) else f"{value:,}"


def _flat(tree: Mapping[str, Any], above: str) -> Any:  # noqa: ANN401 - pairs
    for name, value in tree.items():
        if isinstance(value, Mapping) and set(value) != {"one", "other"}:
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
