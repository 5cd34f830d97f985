"""What Amazon said about uploads, as it is kept beside a run."""

from admatch.web.work.known_uploads import known_uploads, remember


def test_reports_are_kept_in_their_order(tmp_path):
    assert known_uploads(tmp_path) == []
    remember(tmp_path, "a", {"made": 3})
    remember(tmp_path, "b", {"made": 4})
    assert [one["made"] for one in known_uploads(tmp_path)] == [3, 4]


def test_the_same_report_counts_once(tmp_path):
    for digest, made in (("a", 3), ("b", 4), ("a", 3)):
        remember(tmp_path, digest, {"made": made})
    assert [one["digest"] for one in known_uploads(tmp_path)] == ["b", "a"]


def test_the_oldest_of_many_is_forgotten(tmp_path):
    for number in range(25):
        remember(tmp_path, str(number), {"made": number})
    known = known_uploads(tmp_path)
    assert len(known) == 20
    assert known[-1]["made"] == 24
