"""Every sentence of the pages stands in the translations, in both languages."""

import inspect
import re
from pathlib import Path

import pytest

from admatch.audit.records import Aspect, Severity
from admatch.decisions.actions import Action
from admatch.decisions.waste import waste_of
from admatch.messages import templates
from admatch.reports.account.records import Entity
from admatch.store.verdict import Verdict
from admatch.web.api import downloads
from admatch.web.pages import language
from admatch.web.pages.language import LANGUAGES, Labels, choose, sentences
from admatch.web.store.queue import State
from admatch.web.work.eta import STAGES

# Rooms whose messages the page shows, and what only whoever runs the server reads.
SHOWN = ("audit", "catalog", "decisions", "display", "export", "impact", "match", "pipeline",
         "reports", "tables", "web")  # fmt: skip
ON_SERVERS = {"web.request.host", "web.account.reserved", "pipeline.index.no_model"}
PAGES = language._FOLDER.parent
TEMPLATES = sorted((PAGES / "templates").glob("*.jinja"))
SCRIPTS = sorted((PAGES / "static" / "js").glob("*.js"))


def values_of(text):
    forms = [text] if isinstance(text, str) else list(text.values())
    return {value for form in forms for value in re.findall(r"\{(\w+)\}", form)}


@pytest.mark.parametrize("other", sorted(set(LANGUAGES) - {"en"}))
def test_languages_have_the_same_sentences_with_the_same_values(other):
    english, translated = sentences("en"), sentences(other)
    assert set(english) == set(translated)
    for key in english:
        assert values_of(english[key]) == values_of(translated[key]), key


def test_chinese_is_chinese():
    names = ("admatch", "API（OpenAPI）", "ACOS")
    for key, text in sentences("zh").items():
        for form in [text] if isinstance(text, str) else text.values():
            rest = re.sub(r"\{\w+\}|[\W\d]", "", form)
            assert re.search(r"[\u4e00-\u9fff]", form) or form in names or not rest, (key, form)


@pytest.mark.parametrize("other", LANGUAGES)
def test_the_page_names_no_option_and_no_python(other):
    """What is said instead of a message is said of one that there is, with what it knows."""
    known = templates(other)
    own = {key.removeprefix("instead."): text for key, text in sentences(other).items()
           if key.startswith("instead.")}  # fmt: skip
    assert set(own) <= set(known)
    for key, text in own.items():
        assert values_of(text) <= values_of(known[key]), key
    shown = {key: text for key, text in (known | own).items() if key.split(".")[0] in SHOWN}
    named = re.compile(r"(?<![\w-])--\w|Python|read_\w+\b|\b(currency|columns|window_days)=")
    found = {key for key, text in shown.items() if named.search(str(text))}
    assert found - ON_SERVERS == set()


def test_every_sentence_that_is_asked_for_is_there():
    english = sentences("en")
    for file in (*TEMPLATES, *SCRIPTS):
        for key in re.findall(r"\bt\(\s*[\"']([\w.]+)[\"']", file.read_text(encoding="utf-8")):
            whole = key in english or (
                key.endswith(".") and any(one.startswith(key) for one in english)
            )
            assert whole, f"{file.name}: {key}"


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_no_template_holds_bare_text(file):
    text = file.read_text(encoding="utf-8")
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    for name in ("aria-label", "title", "placeholder", "alt"):
        for value in re.findall(rf'\s{name}="([^"]*)"', text):
            assert not value.strip(), f"{name}: {value}"
    bare = re.sub(r"<[^>]*>", " ", text)
    bare = bare.replace("admatch", "").replace("·", "").replace("%", "").split()
    assert [one for one in bare if not one.isdigit()] == []


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_no_script_holds_bare_text(file):
    code = re.sub(r"^\s*//.*$|\s//\s.*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    sentences_in_code = re.findall(r'"([A-Z][a-z]+(?: [a-z]+)+[.!?…]?)"', code)
    assert sentences_in_code == []


def test_what_the_api_names_has_a_name_here():
    english = sentences("en")
    waste = Path(inspect.getfile(waste_of)).read_text(encoding="utf-8")
    causes = re.findall(r'pl\.lit\("([^"]+)"\)', waste)
    assert len(causes) > 5
    for group, names in (
        ("stage", STAGES), ("action", Action), ("entity", Entity), ("state", State),
        ("verdict", Verdict), ("cause", causes), ("aspect", Aspect), ("severity", Severity),
    ):  # fmt: skip
        for name in names:
            assert f"{group}.{re.sub('[^A-Za-z0-9]+', '_', str(name))}" in english, (group, name)


def test_every_file_that_is_offered_has_a_name_here():
    english = sentences("en")
    for name in (*downloads._CALLED, *downloads._DECISIONS, *downloads._OFFERED):
        for group in ("file", "file.name"):
            assert f"{group}.{name.replace('.', '_')}" in english, name


def test_every_stage_that_work_reports_has_a_name_here():
    """Stages are texts that begin with what is being done, in the rooms that a worker runs."""
    stage = re.compile(
        r'"((?:checking|comparing|deciding|encoding|generating|learning|loading|reading|writing)'
        r'(?: [a-z-]+)*)"'
    )
    package = PAGES.parents[1]
    rooms = ("audit", "encode", "index", "pipeline", "web/work")
    files = (file for room in rooms for file in (package / room).rglob("*.py"))
    stages = {one for file in files for one in stage.findall(file.read_text(encoding="utf-8"))}
    assert stages >= set(STAGES) - {"starting"}
    keys = {f"stage.{re.sub('[^A-Za-z0-9]+', '_', one)}" for one in stages}
    for other in LANGUAGES:
        assert keys - set(sentences(other)) == set()


def test_pages_bring_all_that_they_need():
    for file in (*TEMPLATES, *SCRIPTS, PAGES / "static" / "css" / "admatch.css"):
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
        assert not re.search(r"https?://|url\(|@import", text), file.name
    for file in TEMPLATES:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r'\sstyle="|<style|\son[a-z]+="|\|\s*safe\b', text), file.name
        assert not re.search(r"<script(?![^>]* src=)", text), file.name


def test_forms_for_one_and_for_several():
    labels = Labels("en")
    assert labels.say("upload.rows", n=1, count="1") == "1 row"
    assert labels.say("upload.rows", n=2, count="2") == "2 rows"
    with pytest.raises(KeyError):
        labels.say("no.such.sentence")


@pytest.mark.parametrize(
    ("cookie", "accepted", "chosen"),
    [
        (None, "", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "de-DE,zh;q=0.4,en;q=0.7", "en"),
        (None, "fr", "en"),
        (None, "zh;q=0", "en"),
        (None, "en;q=x, zh", "zh"),
        ("zh", "en", "zh"),
        ("tlh", "zh", "zh"),
    ],
)
def test_the_language_is_the_chosen_one_else_the_one_liked_best(cookie, accepted, chosen):
    assert choose(cookie, accepted) == chosen
