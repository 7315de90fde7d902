{# From its first delivery of opportunities on, a source is watched: what it tells later was learnt later. #}
select
    source_name,
    min(known_at) as first_delivered_at

from {{ ref('int_opportunities_loaded') }}

group by source_name
