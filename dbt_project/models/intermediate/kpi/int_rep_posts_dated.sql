{#
    The rep's post (team, territory, seniority) as successive loads of reps tell it. Before the first load the first
    one's word is taken; a rep who vanished stays in the last. (int_rep_teams_dated tells the team alone.)
#}
{%- set post = ['team', 'territory', 'seniority'] -%}
with

told as (

    select
        rep_id,
        {{ post | join(', ') }},
        {{ local_date('known_at') }} as told_date

    from {{ ref('int_reps_loaded') }}

    where not is_vanished

    qualify row_number() over (partition by rep_id, {{ local_date('known_at') }} order by load_no desc) = 1

),

followed as (

    select
        *,
        {%- for name in post %}
        lag({{ name }}) over (partition by rep_id order by told_date) as earlier_{{ name }},
        {%- endfor %}
        row_number() over (partition by rep_id order by told_date) = 1 as is_first

    from told

),

changed as (

    select *

    from followed

    where
        is_first
        {%- for name in post %}
        or {{ name }} is distinct from earlier_{{ name }}
        {%- endfor %}

)

select
    rep_id,
    {{ post | join(', ') }},
    case when is_first then date '0001-01-01' else told_date end as from_date,
    coalesce(lead(told_date) over (partition by rep_id order by told_date), date '9999-12-31') as until_date

from changed
