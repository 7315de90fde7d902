{#
    A deal is asked all criteria of the grid's version with which its rep began, answered or not. Of answers to one
    criterion the last counts, also where it takes the score back; a score that the scale does not have answers nothing.
    Who asked and when is what an answer's first load told: who saves it again later answers, but did not ask.
    Points are shares of the highest score, so that versions with another scale can be compared.
#}
with

answers as (

    select *

    from {{ ref('int_qualification_answers_conformed') }}

    where answered_at < {{ as_of_at() }}

),

grid as (

    select * from {{ ref('qualification_grid') }}

),

first_loads as (

    select *

    from {{ ref('int_qualification_answers_loaded') }}

    where load_no = 1

),

first_answers as (

    select
        answers.answer_id,
        answers.opportunity_id,
        answers.grid_version,
        coalesce(first_loads.answered_by, answers.answered_by) as answered_by,
        coalesce(first_loads.answered_at, answers.answered_at) as answered_at

    from answers

    inner join first_loads
        on answers.answer_id = first_loads.answer_id

),

deals_asked as (

    select
        opportunity_id,
        grid_version,
        {{ first_by('answered_by', ['answered_at', 'answer_id']) }} filter (
            where answered_by is not null
        ) as asked_by,
        min(answered_at) as asked_at

    from first_answers

    group by opportunity_id, grid_version

),

last_answers as (

    select *

    from answers

    qualify row_number() over (
        partition by opportunity_id, grid_version, criterion
        order by answered_at desc, answer_id desc
    ) = 1

),

judged as (

    select
        deals_asked.opportunity_id,
        deals_asked.grid_version,
        grid.criterion,
        deals_asked.asked_by,
        last_answers.answered_by,
        grid.criterion_label,
        grid.weight,
        grid.highest_score,
        last_answers.score,
        coalesce(last_answers.score between 0 and grid.highest_score, false) as is_answered,
        coalesce(last_answers.score not between 0 and grid.highest_score, false) as is_off_scale,
        deals_asked.asked_at,
        last_answers.answered_at

    from deals_asked

    inner join grid
        on deals_asked.grid_version = grid.grid_version

    left outer join last_answers
        on
            deals_asked.opportunity_id = last_answers.opportunity_id
            and deals_asked.grid_version = last_answers.grid_version
            and grid.criterion = last_answers.criterion

)

select
    opportunity_id,
    grid_version,
    criterion,
    asked_by,
    answered_by,
    criterion_label,
    weight,
    highest_score,
    score,
    cast(case when is_answered then weight else 0 end as decimal(9, 4)) as answered_weight,
    cast(case when is_answered then weight * score / highest_score else 0 end as decimal(18, 6)) as answered_points,
    is_answered,
    is_off_scale,
    {{ local_date('asked_at') }} as asked_date,
    answered_at

from judged

order by opportunity_id, grid_version, criterion
