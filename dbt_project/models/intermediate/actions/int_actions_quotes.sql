{#
    The latest quotes of open deals that nobody opened, or that were read and not answered.
#}
with

quotes as (

    select *

    from {{ ref('int_quotes_followed') }}

    where state = 'open' and is_latest and not is_answered

)

select
    case when first_viewed_date is null then 'quote_unopened' else 'quote_unanswered' end as action_kind,
    rep_id,
    account_id,
    opportunity_id,
    quote_id as record_id,
    'Sent on ' || cast(sent_date as varchar) || case
        when first_viewed_date is null then ', not opened'
        else ', opened on ' || cast(first_viewed_date as varchar) || ', no answer'
    end as reason,
    amount,
    coalesce(first_viewed_date, sent_date) as event_date

from quotes
