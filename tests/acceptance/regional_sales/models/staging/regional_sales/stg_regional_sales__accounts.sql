with

source as (

    select * from {{ source('raw_regional_sales', 'accounts') }}

),

industries as (

    {{ latest_rows(source('raw_regional_sales', 'industries')) }}

),

territories as (

    {{ latest_rows(source('raw_regional_sales', 'territories')) }}

),

-- The export mentions industry and territory by key: here they get their names.
labelled as (

    select
        source.*,
        industries.{{ adapter.quote('Industry') }} as industry,
        territories.{{ adapter.quote('Territory') }} as territory,
        territories.{{ adapter.quote('Region') }} as region

    from source

    left outer join industries
        on source.{{ adapter.quote('IndustrySeq') }} = industries.{{ adapter.quote('IndustrySeq') }}

    left outer join territories
        on source.{{ adapter.quote('TerritorySeq') }} = territories.{{ adapter.quote('TerritorySeq') }}

),

renamed as (

    select

        -- ids
        {{ adapter.quote('AccountSeq') }} as account_id,
        {{ adapter.quote('AccountOwnerSeq') }} as rep_id,

        -- strings
        trim({{ adapter.quote('Account Name') }}) as account_name,
        cast(null as varchar) as segment_id,
        industry,
        territory,
        region,
        nullif(trim({{ adapter.quote('Country') }}), '') as country,
        {{ json_object_text({'state': adapter.quote('State or Province')}) }} as custom_fields,

        -- numerics
        cast(null as bigint) as employees,

        -- timestamps
        cast(null as timestamp) as created_at,

        -- lake
        {{ lake_columns() }}

    from labelled

)

select * from renamed
