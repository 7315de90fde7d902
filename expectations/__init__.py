"""Judges the tables of the warehouse with Great Expectations and keeps the books of it.

- `desk.checking.check_quality_desk`: the desk's files about data quality, read strictly.
- `planning.planned_checks` (cheap, says what will be judged), `judging.judge` (judges work.duckdb
  by SQL) and `results.write_check_results` (writes marts.fct_check_results).
- `observing.observe`: what there is to tell at the end of a day, for the alerts.
- `contract.write_contract`: the rules as an Open Data Contract Standard file.
"""
