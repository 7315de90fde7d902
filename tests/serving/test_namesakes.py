"""Reps of one name are two reps, on every chart."""

from serving.report.namesakes import told_apart


def test_reps_of_one_name_are_told_apart_by_their_keys():
    rows = [
        {"rep_id": "r1", "rep_name": "Ann Lee", "gap": 1},
        {"rep_id": "r2", "rep_name": "Bo Ek", "gap": 2},
        {"rep_id": "r2", "rep_name": "Bo Ek", "gap": 3},
        {"rep_id": "r3", "rep_name": "Ann Lee", "gap": 4},
    ]
    names = [row["rep_name"] for row in told_apart(rows)]
    assert names == ["Ann Lee (r1)", "Bo Ek", "Bo Ek", "Ann Lee (r3)"]
    assert [row["gap"] for row in told_apart(rows)] == [1, 2, 3, 4]
    assert rows[0]["rep_name"] == "Ann Lee"
