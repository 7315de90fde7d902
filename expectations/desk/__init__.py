"""The business desk as the checks read it: the very CSV files that dbt loads as seeds.

One module per file; `checking.check_quality_desk` reads them all and refuses the first wrong line.
"""
