{#
    What became of each quote that was sent. Views after as_of are not known yet; those that a machine makes
    while it scans the mail last no second and are no opening.
#}
with

quotes as (

    select *

    from {{ ref('int_quotes_conformed') }}

    where sent_at < {{ as_of_at() }}

),

views as (

    select
        quote_id,
        count(*) as view_count,
        min(viewed_at) as first_viewed_at,
        max(viewed_at) as last_viewed_at

    from {{ ref('int_quote_views_conformed') }}

    where viewed_at < {{ as_of_at() }} and coalesce(seconds, 1) > 0

    group by quote_id

),

opportunities as (

    select * from {{ ref('fct_opportunities') }}

)

select
    quotes.quote_id,
    quotes.opportunity_id,
    opportunities.account_id,
    opportunities.rep_id,
    opportunities.state,
    opportunities.amount,
    quotes.quote_status,
    cast(row_number() over versions as integer) as version_no,
    coalesce(views.view_count, 0) as view_count,
    lead(quotes.quote_id) over versions is null as is_latest,
    coalesce(quotes.answered_at < {{ as_of_at() }}, false) as is_answered,
    {{ local_date('quotes.sent_at') }} as sent_date,
    {{ local_date('views.first_viewed_at') }} as first_viewed_date,
    {{ local_date('views.last_viewed_at') }} as last_viewed_date

from quotes

left outer join opportunities
    on quotes.opportunity_id = opportunities.opportunity_id

left outer join views
    on quotes.quote_id = views.quote_id

window versions as (
    partition by quotes.opportunity_id
    order by quotes.sent_at, quotes.version, quotes.quote_id
)
