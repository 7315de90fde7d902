{#
    Hysteresis: an account is to rise when its points of 90 days reach what the next better segment asks of newcomers, and
    stays on the list until it falls below what that segment asks of members. It is to fall when it is below what its own
    asks of members, until it reaches what that asks of newcomers. In between nothing moves. Who is new has 90 days to begin.
#}
{%- set signals = ['open', 'machine_open', 'click', 'reply', 'quote_view', 'return_visit'] -%}
{%- set so_far = 'partition by account_id, segment_id order by measured_date rows unbounded preceding' -%}
with

measured_days as (

    select date_day as measured_date

    from {{ ref('dim_dates') }}

    where
        {{ is_month_end('date_day') }}
        and date_day <= {{ as_of_date() }}
        and date_day > cast({{ as_of_date() }} - interval 12 month as date)

),

segment_terms as (

    select
        segments.segment_id,
        terms.enter_at,
        terms.leave_at,
        lag(segments.segment_id) over (order by segments.position) as better_segment_id,
        lag(terms.enter_at) over (order by segments.position) as better_enter_at,
        lag(terms.leave_at) over (order by segments.position) as better_leave_at,
        lead(segments.segment_id) over (order by segments.position) as next_segment_id

    from {{ ref('segments') }} as segments

    inner join {{ ref('requalification') }} as terms
        on segments.segment_id = terms.segment_id

),

account_days as (

    select
        accounts.account_id,
        account_segments.segment_id,
        coalesce(accounts.created_date <= {{ add_days('measured_days.measured_date', -90) }}, true) as is_settled,
        measured_days.measured_date

    from {{ ref('dim_accounts') }} as accounts

    inner join measured_days
        on coalesce(accounts.created_date <= measured_days.measured_date, true)

    left outer join {{ ref('int_account_segments_dated') }} as account_segments
        on
            accounts.account_id = account_segments.account_id
            and measured_days.measured_date >= account_segments.from_date
            and measured_days.measured_date < account_segments.until_date

),

engaged as (

    select
        events.account_id,
        {%- for signal in signals %}
        sum(case when events.signal = '{{ signal }}' then events.event_count else 0 end) as {{ signal }}_count,
        {%- endfor %}
        sum(case
            when events.event_date > {{ add_days('measured_days.measured_date', -30) }}
                then events.event_count * events.points
            else 0
        end) as points_30,
        sum(events.event_count * events.points) as points_90,
        measured_days.measured_date

    from {{ ref('int_engagement_events') }} as events

    inner join measured_days
        on
            events.event_date <= measured_days.measured_date
            and events.event_date > {{ add_days('measured_days.measured_date', -90) }}

    group by events.account_id, measured_days.measured_date

),

judged as (

    select
        account_days.account_id,
        account_days.segment_id,
        terms.better_segment_id,
        terms.next_segment_id,
        {%- for signal in signals %}
        cast(coalesce(engaged.{{ signal }}_count, 0) as bigint) as {{ signal }}_count,
        {%- endfor %}
        cast(coalesce(engaged.points_30, 0) as decimal(18, 2)) as points_30,
        cast(coalesce(engaged.points_90, 0) as decimal(18, 2)) as points_90,
        case
            when coalesce(engaged.points_90, 0) >= terms.better_enter_at then true
            when coalesce(engaged.points_90, 0) < terms.better_leave_at then false
        end as is_above,
        case
            when account_days.is_settled and coalesce(engaged.points_90, 0) < terms.leave_at then true
            when coalesce(engaged.points_90, 0) >= terms.enter_at then false
        end as is_below,
        account_days.measured_date

    from account_days

    left outer join segment_terms as terms
        on account_days.segment_id = terms.segment_id

    left outer join engaged
        on
            account_days.account_id = engaged.account_id
            and account_days.measured_date = engaged.measured_date

),

followed as (

    select
        *,
        better_segment_id is not null and coalesce({{ last_known('is_above', so_far) }}, false) as is_rising,
        next_segment_id is not null and coalesce({{ last_known('is_below', so_far) }}, false) as is_falling

    from judged

)

select
    account_id,
    segment_id,
    case
        when is_rising then better_segment_id
        when is_falling then next_segment_id
    end as suggested_segment_id,
    {{ signals | join('_count, ') }}_count,
    points_30,
    points_90,
    is_rising,
    is_falling,
    measured_date

from followed

order by measured_date, account_id
