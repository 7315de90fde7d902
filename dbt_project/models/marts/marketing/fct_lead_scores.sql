{#
    The score on which a lead was routed: what it had shown by then, by the rules of that day, each kind of signal up to
    its cap and fading with its half-life. What it shows afterwards changes nothing, or precision would be measured
    on what the conversion itself left behind. A lead not yet routed is scored at as_of.
#}
with

leads as (

    select
        *,
        coalesce(routed_at, {{ as_of_at() }}) as scored_at,
        routed_at is not null as is_frozen

    from {{ ref('fct_leads') }}

),

rules as (

    select * from {{ ref('lead_scoring') }}

),

versions as (

    select
        rule_version,
        max(case when signal = 'threshold' then points end) as threshold,
        since as from_date,
        coalesce(lead(since) over (order by since), date '9999-12-31') as until_date

    from rules

    group by rule_version, since

),

ruled_leads as (

    select
        leads.*,
        versions.rule_version,
        versions.threshold

    from leads

    left outer join versions
        on
            {{ local_date('leads.scored_at') }} >= versions.from_date
            and {{ local_date('leads.scored_at') }} < versions.until_date

),

scored_signals as (

    select
        ruled_leads.lead_id,
        rules.signal,
        rules.detail,
        rules.max_points,
        case
            when rules.half_life_days is null then cast(rules.points as double)
            else rules.points * power(
                cast(0.5 as double),
                {{ elapsed_days('signals.occurred_at', 'ruled_leads.scored_at') }} / rules.half_life_days
            )
        end as points

    from ruled_leads

    inner join {{ ref('int_lead_signals') }} as signals
        on ruled_leads.lead_id = signals.lead_id and ruled_leads.scored_at > signals.occurred_at

    inner join rules
        on
            ruled_leads.rule_version = rules.rule_version
            and signals.signal = rules.signal
            and signals.detail = rules.detail

),

capped as (

    select
        lead_id,
        signal,
        least({{ exact_sum('points') }}, coalesce(max_points, 999999)) as points

    from scored_signals

    group by lead_id, signal, detail, max_points

),

summed as (

    select
        lead_id,
        sum(case when signal = 'page' then points else 0 end) as page_points,
        sum(case when signal = 'email' then points else 0 end) as email_points,
        sum(case when signal in ('fit', 'source') then points else 0 end) as profile_points,
        sum(points) as score

    from capped

    group by lead_id

),

judged as (

    select
        {%- for name in ['page_points', 'email_points', 'profile_points', 'score'] %}
        cast(
            case when ruled_leads.rule_version is not null then coalesce(summed.{{ name }}, 0) end as decimal(18, 2)
        ) as {{ name }},
        {%- endfor %}
        ruled_leads.*

    from ruled_leads

    left outer join summed
        on ruled_leads.lead_id = summed.lead_id

)

select
    lead_id,
    rep_id,
    origin,
    rule_version,
    page_points,
    email_points,
    profile_points,
    score,
    cast(threshold as decimal(18, 2)) as threshold,
    hours_to_route,
    is_frozen,
    score >= threshold as is_over_threshold,
    is_converted,
    is_won,
    created_date,
    scored_at

from judged

order by created_date, lead_id
