{#
    Each scheme of the desk, laid over every month in which a rep has a target. Its own target wins over the one
    delivered; a criterion that has neither, or whose measure has no data, is kept and says so.
#}
with

schemes as (

    select * from {{ ref('objective_schemes') }}

),

achievements as (

    select * from {{ ref('int_rep_achievements') }}

),

office_months as (

    select * from {{ ref('int_office_months') }}

),

-- A target is of a calendar month; its 15th lies in the fiscal month of the same number.
targets as (

    select
        targets.rep_id,
        targets.criterion,
        targets.target_value,
        targets.weight,
        dates.fiscal_month_start_date as month_start_date,
        dates.fiscal_quarter_start_date as quarter_start_date,
        dates.fiscal_year_start_date as year_start_date

    from {{ ref('int_targets_conformed') }} as targets

    inner join {{ ref('dim_dates') }} as dates
        on {{ add_days('targets.month_start_date', 14) }} = dates.date_day

    where targets.rep_id is not null

),

rep_months as (

    select distinct
        rep_id,
        month_start_date,
        quarter_start_date,
        year_start_date

    from targets

),

measures as (

    select distinct
        measure,
        offer,
        is_rate

    from achievements

),

laid as (

    select
        schemes.scheme_id,
        rep_months.rep_id,
        schemes.criterion,
        coalesce(schemes.weight, targets.weight) as weight,
        coalesce(schemes.target_value, targets.target_value) * coalesce(schemes.target_factor, 1) as target_value,
        coalesce(measures.is_rate, false) as is_rate,
        schemes.is_prorated and not coalesce(measures.is_rate, false) as is_prorated,
        measures.measure is not null as has_data,
        case when measures.measure is not null then coalesce(achievements.reached, 0) end as reached,
        achievements.reached_of,
        rep_months.month_start_date,
        rep_months.quarter_start_date,
        rep_months.year_start_date

    from rep_months

    cross join schemes

    left outer join targets
        on
            rep_months.rep_id = targets.rep_id
            and rep_months.month_start_date = targets.month_start_date
            and schemes.criterion = targets.criterion

    left outer join measures
        on schemes.measure = measures.measure and schemes.offer is not distinct from measures.offer

    left outer join achievements
        on
            rep_months.rep_id = achievements.rep_id
            and rep_months.month_start_date = achievements.month_start_date
            and schemes.measure = achievements.measure
            and schemes.offer is not distinct from achievements.offer

)

select
    laid.scheme_id,
    laid.rep_id,
    laid.criterion,
    laid.weight,
    cast(
        laid.target_value * case when laid.is_prorated then coalesce(office_months.office_share, 1) else 1 end
        as decimal(18, 4)
    ) as target,
    cast(
        laid.target_value * case
            when laid.is_rate then 1
            when laid.is_prorated then coalesce(office_months.passed_share, 1)
            when coalesce(office_months.office_share, 0) = 0 then 1
            else coalesce(office_months.passed_share / office_months.office_share, 1)
        end
        as decimal(18, 4)
    ) as target_to_date,
    laid.reached,
    laid.reached_of,
    laid.is_rate,
    laid.has_data,
    laid.month_start_date,
    laid.quarter_start_date,
    laid.year_start_date

from laid

left outer join office_months
    on
        laid.rep_id = office_months.rep_id
        and laid.month_start_date = office_months.month_start_date
