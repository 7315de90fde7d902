{#
    The source that is told first stays a deal's origin: what a later load says is today's word, and moves no past. A
    placeholder tells nothing: what fills the field after it is the first word.
#}
with

placeholders as (

    select distinct {{ comparable_text('placeholder') }} as placeholder from {{ ref('placeholders') }}

),

told as (

    select
        opportunity_id,
        lead_source,
        {{ comparable_text('lead_source') }} as comparable_source,
        load_no

    from {{ ref('int_opportunities_loaded') }}

    where lead_source is not null

),

first_told as (

    select
        told.opportunity_id,
        {{ first_by('told.lead_source', ['told.load_no']) }} as origin

    from told

    left outer join placeholders
        on told.comparable_source = placeholders.placeholder

    where told.comparable_source <> '' and placeholders.placeholder is null

    group by told.opportunity_id

)

select * from first_told
