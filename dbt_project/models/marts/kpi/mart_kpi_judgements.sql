with

kpi_values as (

    select *

    from {{ ref('kpi_values') }}

    where level in ('segment', 'company') and period_grain = 'month'

),

kpis as (

    select * from {{ ref('kpis') }}

),

-- * is the model of the company as a whole.
modelled as (

    select
        kpi_values.*,
        sales_models.sales_model

    from kpi_values

    inner join {{ ref('sales_models') }} as sales_models
        on sales_models.segment_id = case kpi_values.level when 'company' then '*' else kpi_values.member end

),

judged as (

    select
        modelled.*,
        kpis.good_direction,
        ranges.low,
        ranges.high,
        case
            when modelled.value is null then null
            when modelled.value < ranges.low then 'below'
            when modelled.value > ranges.high then 'above'
            else 'within'
        end as verdict

    from modelled

    inner join {{ ref('reference_ranges') }} as ranges
        on modelled.kpi_id = ranges.kpi_id and modelled.sales_model = ranges.sales_model

    inner join kpis
        on modelled.kpi_id = kpis.kpi_id

)

select
    kpi_id,
    period_grain,
    level,
    member,
    sales_model,
    verdict,
    value,
    n,
    low,
    high,
    case
        when verdict is null then null
        when good_direction = 'up' then verdict = 'below'
        when good_direction = 'down' then verdict = 'above'
        else verdict <> 'within'
    end as is_worrying,
    period_start_date

from judged

order by kpi_id, level, member, period_start_date
