"""Judges the tables of the warehouse with Great Expectations and keeps the book of verdicts.

Three calls: `planning.planned_checks` (cheap, says what will be judged), `judging.judge` (judges
work.duckdb by SQL) and `results.write_check_results` (writes marts.fct_check_results).
"""
