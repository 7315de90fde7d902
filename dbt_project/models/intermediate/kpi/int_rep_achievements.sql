{#
    What each rep reached in a fiscal month, in every measure that an objective may be about and whose data the
    company delivers.
#}
with

rep_days as (

    select * from {{ ref('int_rep_days') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

monthly as (

    select
        rep_days.rep_id,
        {%- for name in [
            'created_count', 'won_count', 'lost_count', 'meetings_held_count', 'proposal_count', 'new_customer_count',
            'won_amount', 'invoiced_net', 'costed_net', 'margin',
        ] %}
        sum(rep_days.{{ name }}) as {{ name }},
        {%- endfor %}
        dates.fiscal_month_start_date as month_start_date

    from rep_days

    inner join dates
        on rep_days.date_day = dates.date_day

    where rep_days.date_day <= {{ as_of_date() }}

    group by rep_days.rep_id, dates.fiscal_month_start_date

),

measured as (

    {% for measure, source in objective_measures().items() if var('conformed').get(source.entity) %}
    select
        rep_id,
        '{{ measure }}' as measure,
        cast({{ source.reached }} as decimal(18, 4)) as reached,
        cast({{ source.of or 'null' }} as decimal(18, 4)) as reached_of,
        {{ 'true' if source.of else 'false' }} as is_rate,
        month_start_date

    from monthly
    {% if not loop.last %}
    union all
    {% endif %}
    {%- else %}
    select
        rep_id,
        cast(null as varchar) as measure,
        cast(null as decimal(18, 4)) as reached,
        cast(null as decimal(18, 4)) as reached_of,
        false as is_rate,
        month_start_date

    from monthly

    where 1 = 0
    {%- endfor %}

)

select * from measured
