{{ config(severity = 'warn', meta = {"dagster": {"ref": {"name": "int_qualification_answers_conformed"}}}) }}
-- An answer to a criterion that desk/qualification_grid.csv does not have is in no score: add the line, or the version.
select
    answers.grid_version,
    answers.criterion,
    count(*) as answer_count

from {{ ref('int_qualification_answers_conformed') }} as answers

left outer join {{ ref('qualification_grid') }} as grid
    on answers.grid_version = grid.grid_version and answers.criterion = grid.criterion

where answers.answered_at < {{ as_of_at() }} and grid.criterion is null

group by answers.grid_version, answers.criterion
