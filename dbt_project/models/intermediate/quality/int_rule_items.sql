with

rules as (

    select * from {{ ref('mandatory_fields') }}

),

split as (

    {%- for list in ['record_types', 'required_in', 'allowed_values'] %}
    select
        rule_id,
        '{{ list }}' as list_name,
        {{ list_items(list) }} as item

    from rules

    where {{ list }} is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

trimmed as (

    select distinct
        rule_id,
        list_name,
        trim(item) as item

    from split

)

select * from trimmed
