{# The source that is told first stays a deal's origin: what a later load says is today's word, and moves no past. #}
with

loads as (

    select * from {{ ref('int_opportunities_loaded') }}

),

first_told as (

    select
        opportunity_id,
        {{ first_by('lead_source', ['load_no']) }} as origin

    from loads

    where lead_source is not null

    group by opportunity_id

)

select * from first_told
