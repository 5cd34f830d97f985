"""Every mistake in a job file ends in one sentence that names the entry."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from admatch.errors import InputError
from admatch.jobs.read import _ACCOUNT, read_job
from admatch.jobs.records import JobOutputs
from admatch.pipeline.records import GuardRails

GOOD = '[[account]]\nname = "A"\nreports = ["r.csv"]\ncatalog = "c.csv"\ntarget_acos = 0.3\n'


def read(tmp_path, text):
    path = tmp_path / "night.toml"
    path.write_text(text, encoding="utf-8")
    return read_job(path)


JOBS = Path(__file__).parents[2] / "admatch" / "jobs" / "README.md"


def test_the_job_of_the_document_is_one(tmp_path):
    (text,) = re.findall(r"```toml\n(# job.toml.*?)```", JOBS.read_text("utf-8"), re.DOTALL)
    first, second = read(tmp_path, text).accounts
    assert (first.account, first.outputs.html) == ("drops/us/bulk*.xlsx", False)
    assert (first.options.guard_rails.sales_at_risk, first.holdout) == (0.01, 0.1)
    assert (second.reports, second.amazon.profile) == ((), "1234567890")


def test_the_document_has_every_entry():
    text = JOBS.read_text("utf-8")
    named = set(re.findall(r"`(\w+)`", text))
    known = {
        *_ACCOUNT,
        *(one.name for one in fields(GuardRails)),
        *(one.name for one in fields(JobOutputs)),
    }
    assert known - named == set()


def test_a_small_job(tmp_path):
    job = read(tmp_path, GOOD)
    assert (job.name, job.workspace, job.out) == ("night", tmp_path / "workspace", tmp_path / "out")
    (only,) = job.accounts
    assert (only.name, only.reports, only.options.target_acos) == ("A", ("r.csv",), 0.3)


def test_defaults_hold_where_an_account_says_nothing(tmp_path):
    text = (
        "[defaults]\ntarget_acos = 0.2\nmargin = 0.4\nguard_rails.step = 0.1\n"
        + GOOD
        + "guard_rails.certainty = 0.05\n"
        + GOOD.replace('"A"', '"B"').replace("target_acos = 0.3\n", 'protect = "acme"\n')
    )
    one, other = read(tmp_path, text).accounts
    assert (one.options.target_acos, other.options.target_acos, other.options.margin) == (
        0.3,
        0.2,
        0.4,
    )
    assert (one.options.guard_rails.step, one.options.guard_rails.certainty) == (0.1, 0.05)
    assert other.options.protect == ("acme",)


def test_campaigns_for_new_keywords_are_asked_for_by_a_table(tmp_path):
    assert read(tmp_path, GOOD).accounts[0].options.new_campaigns is None
    usual = read(tmp_path, GOOD + "[account.new_campaigns]\n").accounts[0].options.new_campaigns
    assert (usual.structure, usual.ad_group) == ("campaign-a-product", "Exact")
    text = "[defaults.new_campaigns]\nstructure = 'ad-group-a-product'\n" + GOOD
    assert read(tmp_path, text).accounts[0].options.new_campaigns.ad_group == "{product}"
    for wrong, said in (("structure = 'one'", "structure"), ("campaign = 'All'", "{product}"),
                        ("names = 'x'", "names")):  # fmt: skip
        with pytest.raises(InputError, match=re.escape(said)):
            read(tmp_path, f"{GOOD}[account.new_campaigns]\n{wrong}\n")


def test_parts_of_an_account_have_targets_and_margins(tmp_path):
    text = "[defaults]\ntargets.Launch = 0.4\nmargins.Acme = 0.5\n"
    (one,) = read(tmp_path, text + GOOD + 'targets."SP | Drinks" = 0.2\n').accounts
    assert one.options.targets == {"Launch": 0.4, "SP | Drinks": 0.2}
    assert one.options.margins == {"Acme": 0.5}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the job has no account"),
        ("x = ", "this is not valid TOML"),
        ("nam = 'x'\n" + GOOD, "'nam' is not known; did you mean name"),
        (GOOD + "targt_acos = 1\n", r"account 1 \('A'\): 'targt_acos' is not known; did you mean"),
        (GOOD + "margin = '30 %'\n", "margin must be a number, not '30 %'"),
        (GOOD + "targets = {Launch = '30 %'}\n", "targets.*Launch must be a number, not '30 %'"),
        (GOOD + "targets.Launch = 30\n", "'Launch': .* written 0.3"),
        (GOOD + "margins.Acme = 1.3\n", "'Acme': the margin"),
        (GOOD + "rho = true\n", "rho must be a number, not True"),
        (GOOD.replace("0.3", "30"), "30\u00a0% is written 0.3"),
        (GOOD.replace("target_acos = 0.3\n", ""), "target_acos is missing"),
        (GOOD + "rho = 1.1\n", "rho is a share"),
        (GOOD + "window_days = 0\n", "window_days is at least 1"),
        (GOOD + "currency = 'euro'\n", "no code"),
        (GOOD + "reports = 3\n", "this is not valid TOML"),
        (GOOD.replace('["r.csv"]', "[3]"), "reports must be texts"),
        (GOOD.replace('["r.csv"]', "[]"), "reports is empty"),
        (GOOD + "guard_rails.speed = 1\n", "guard_rails: 'speed' is not known"),
        (GOOD + "guard_rails.step = 1.5\n", "less than its whole"),
        (GOOD + "outputs.bulk = 1\n", "bulk must be true or false"),
        (GOOD + GOOD.replace('"A"', '"a"'), "two accounts are called 'a'"),
        (GOOD.replace('"A"', '"../x"'), "cannot be a name"),
        ("account = [3]\n", "this is not a table"),
        ("[defaults]\nname = 'x'\n" + GOOD, "name belongs to a single account"),
    ],
)
def test_mistakes(tmp_path, text, message):
    with pytest.raises(InputError, match=message) as error:
        read(tmp_path, text)
    assert "\n" not in str(error.value).removesuffix("\n") or "TOML" in str(error.value)
    assert "night.toml" in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "outputs.webhook = 'http://example.com/x'\n",
            "must be an address that begins with https://",
        ),
        ("outputs.email = 'nobody'\n", "email must be an address"),
        ("holdout = 0.9\n", "from 0 to 0.5, not 0.9"),
        ("amazon = { region = 'EU' }\n", "amazon: profile is missing"),
        ("amazon = { region = 'EU', profile = 1 }\n", "profile must be a text in quotes, not 1"),
    ],
)
def test_mistakes_in_what_is_sent_held_out_and_fetched(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, GOOD + text)


def test_an_account_of_amazon_needs_no_reports_and_takes_what_the_job_says(tmp_path):
    text = "[amazon]\nregion = 'EU'\ncredentials = 'ads.toml'\n" + GOOD.replace(
        'reports = ["r.csv"]\n', ""
    )
    (only,) = read(tmp_path, text + "amazon.profile = '7'\n").accounts
    assert (only.reports, only.amazon.region, only.amazon.profile) == ((), "EU", "7")
    assert only.amazon.credentials == tmp_path / "ads.toml"
    with pytest.raises(InputError, match="reports is missing"):
        read(tmp_path, text)
