{{ config(severity = 'warn') }}
-- A waiver that ended before as_of no longer silences anybody: renew it on desk/waivers.csv or take it out.
select
    waiver_id,
    rule_id,
    until

from {{ ref('waivers') }}

where until < {{ as_of_date() }}
