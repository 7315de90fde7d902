{{ config(severity = 'warn') }}
-- One criterion alone lets the rest be neglected: weigh two to four, desk/objective_schemes.csv (docs/decisions/0029).
select
    scheme_id,
    min(criterion) as only_criterion

from {{ ref('objective_schemes') }}

group by scheme_id

having count(*) < 2
