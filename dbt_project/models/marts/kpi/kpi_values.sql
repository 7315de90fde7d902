with

kpi_days as (

    {%- for subject in [
        'opportunities', 'qualification', 'pipeline', 'revenue', 'payments', 'activity', 'leads', 'marketing', 'quality',
        'forecast', 'objectives',
    ] %}
    select * from {{ ref('kpi_' ~ subject) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

periods as (

    select * from {{ ref('int_kpi_periods') }}

),

summed as (

    select
        kpi_days.kpi_id,
        periods.period_grain,
        kpi_days.level,
        kpi_days.member,
        cast(coalesce(sum(kpi_days.numerator), 0) as decimal(28, 6)) as numerator,
        cast(sum(kpi_days.denominator) as decimal(28, 6)) as summed_denominator,
        cast(sum(kpi_days.n) as bigint) as n,
        kpi_days.least_n,
        kpi_days.is_ratio,
        kpi_days.is_proportion,
        periods.is_period_over,
        periods.period_start_date,
        periods.period_end_date

    from kpi_days

    inner join periods
        on kpi_days.date_day = periods.date_day

    where
        kpi_days.kind = 'flow'
        or (kpi_days.kind = 'stock' and periods.is_last_day)
        or (kpi_days.kind = 'month' and periods.period_grain in ('month', 'quarter', 'year'))

    group by
        kpi_days.kpi_id,
        periods.period_grain,
        kpi_days.level,
        kpi_days.member,
        kpi_days.least_n,
        kpi_days.is_ratio,
        kpi_days.is_proportion,
        periods.is_period_over,
        periods.period_start_date,
        periods.period_end_date

),

divided as (

    select
        *,
        cast(case when is_ratio then coalesce(summed_denominator, 0) end as decimal(28, 6)) as denominator

    from summed

)

select
    kpi_id,
    period_grain,
    level,
    member,
    numerator,
    denominator,
    case
        when n < least_n then cast(null as double)
        when is_ratio then {{ safe_divide('numerator', 'denominator') }}
        else cast(numerator as double)
    end as value,
    case when is_proportion and n >= least_n then {{ wilson_low('numerator', 'denominator') }} end as value_low,
    case when is_proportion and n >= least_n then {{ wilson_high('numerator', 'denominator') }} end as value_high,
    n,
    is_period_over,
    period_start_date,
    period_end_date

from divided

order by kpi_id, period_grain, level, period_start_date, member
