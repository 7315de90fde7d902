with

stage_events as (

    select * from {{ ref('stg_bpic2012__stage_events') }}

),

marked as (

    select
        *,
        max(step_no) over (partition by opportunity_id) as last_step_no,
        max(case when not is_closed then step_no end) over (partition by opportunity_id) as last_open_step_no

    from stage_events

),

renamed as (

    select

        -- ids
        opportunity_id,
        cast(null as varchar) as account_id,
        max(case when step_no = last_step_no then rep_id end) as rep_id,
        cast(null as varchar) as product_id,
        cast(null as varchar) as campaign_id,
        cast(null as varchar) as lead_id,
        cast(null as varchar) as merged_into_id,

        -- strings
        cast(null as varchar) as opportunity_name,
        cast(null as varchar) as record_type,
        max(case when step_no = last_step_no then stage_id end) as stage_id,
        max(case when step_no = last_open_step_no then stage_id end) as last_open_stage_id,
        'EUR' as currency,
        cast(null as varchar) as forecast_category,
        cast(null as varchar) as lead_source,
        cast(null as varchar) as rating,
        cast(null as varchar) as purchase_process,
        cast(null as varchar) as decision_maker,
        cast(null as varchar) as next_step,
        cast(null as varchar) as competitor,
        cast(null as varchar) as budget_status,
        cast(null as varchar) as loss_reason,
        cast(null as varchar) as custom_fields,

        -- numerics
        max(case when step_no = 1 then amount_doc end) as amount_doc,
        cast(null as decimal(9, 6)) as win_probability,

        -- booleans
        false as is_deleted,

        -- dates
        cast(null as date) as expected_close_date,

        -- timestamps
        min(created_at) as created_at,
        -- Approved, registered and activated are one closing in up to three events: the first counts.
        min(case when step_no > coalesce(last_open_step_no, 0) then changed_at end) as closed_at,

        -- lake: the key is the application's, no longer the event's
        opportunity_id as _key,
        'upsert' as _op,
        min(_source_file) as _source_file,
        min(_row_number) as _row_number,
        max(_extracted_at) as _extracted_at

    from marked

    group by opportunity_id

)

select * from renamed
