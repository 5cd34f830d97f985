"""At which Amazon profile a run may be applied: that of the account in whose folder it lies."""

import pytest

from admatch.errors import InputError
from admatch.jobs.fetched import amazon_of_run

TOP = '[amazon]\nregion = "NA"\nprofile = "1"\n'
ACCOUNT = '[[account]]\nname = "{name}"\ncatalog = "c.csv"\ntarget_acos = 0.3\n'


@pytest.fixture
def job(tmp_path):
    """Write a job of accounts by their profiles, None for one that is not at Amazon."""

    def written(**profiles):
        text = "reports" if None in profiles.values() else ""
        parts = []
        for name, profile in profiles.items():
            parts.append(ACCOUNT.format(name=name) + ('reports = "r.csv"\n' if text else ""))
            if profile:
                parts[-1] += f'[account.amazon]\nprofile = "{profile}"\n'
        (tmp_path / "job.toml").write_text(TOP + "".join(parts))
        for name in profiles:
            (tmp_path / "out" / name / "2026-02-01").mkdir(parents=True, exist_ok=True)
        return tmp_path / "job.toml"

    return written


def test_a_run_is_its_accounts(job, tmp_path):
    file = job(us="1", uk="2")
    for name, profile in (("us", "1"), ("uk", "2")):
        assert amazon_of_run(file, tmp_path / "out" / name / "2026-02-01").profile == profile


def test_links_do_not_hide_whose_it_is(job, tmp_path):
    file = job(us="1", uk="2")
    (tmp_path / "run").symlink_to(tmp_path / "out" / "uk" / "2026-02-01")
    (tmp_path / "linked").symlink_to(tmp_path)
    assert amazon_of_run(file, tmp_path / "run").profile == "2"
    there = tmp_path / "linked"
    assert amazon_of_run(there / file.name, there / "out" / "uk" / "2026-02-01").profile == "2"


def test_a_copied_run_may_be_anybodys(job, tmp_path):
    (tmp_path / "copy").mkdir()
    for profiles in ({"us": "1", "uk": "2"}, {"us": "1", "uk": None}):
        with pytest.raises(InputError, match="no account's folder"):
            amazon_of_run(job(**profiles), tmp_path / "copy")
    assert amazon_of_run(job(us="2", uk="2"), tmp_path / "copy").profile == "2"
    assert amazon_of_run(job(us=None, uk=None), tmp_path / "copy").profile == "1"


def test_an_account_that_is_not_at_amazon(job, tmp_path):
    with pytest.raises(InputError, match="uk has no amazon table"):
        amazon_of_run(job(us="1", uk=None), tmp_path / "out" / "uk" / "2026-02-01")
