{#
    Columns that no standard field takes: what a delivery held and the source's declaration does not know
    (told by its load), and what staging puts into custom_fields. An entity is the table of its name. The
    former is there if the newest load held it, the latter if any living record's last word does: an
    incremental load holds few records, and what these lack says nothing.
#}
{%- set entities = {'accounts': 'account_id', 'opportunities': 'opportunity_id'} -%}
with

loads as (

    select *

    from {{ ref('fct_loads') }}

    where status = 'landed'

),

{% for entity, key in entities.items() -%}
{{ entity }}_loads as (

    {{ conformed(entity, {key: 'varchar', 'custom_fields': 'varchar'}, keep_loads=true) | indent(4) }}

),

{{ entity }}_words as (

    select
        *,
        lead(load_no) over (partition by source_name, {{ key }} order by load_no) is null as is_last

    from {{ entity }}_loads

),

{{ entity }}_members as (

    {{ json_members(entity ~ '_words', 'custom_fields') | indent(4) }}

),

{% endfor -%}

extras as (

    select
        source_name,
        table_name,
        trim(column_name) as column_name,
        extracted_at

    from (
        select
            source_name,
            table_name,
            {{ list_items("replace(extra_columns, ', ', '|')") }} as column_name,
            extracted_at

        from loads

        where extra_columns <> ''
    ) as listed

),

latest_loads as (

    select
        source_name,
        table_name,
        max(extracted_at) as latest_at

    from loads

    group by source_name, table_name

),

united as (

    select
        extras.source_name,
        extras.table_name,
        extras.column_name,
        cast(null as varchar) as value_kind,
        extras.extracted_at = latest_loads.latest_at as is_delivered,
        extras.extracted_at as known_at

    from extras

    inner join latest_loads
        on
            extras.source_name = latest_loads.source_name
            and extras.table_name = latest_loads.table_name
    {%- for entity in entities %}

    union all

    select
        source_name,
        '{{ entity }}' as table_name,
        column_name,
        case when is_last then value_kind end as value_kind,
        is_last as is_delivered,
        known_at

    from {{ entity }}_members

    where value_kind is not null and not is_vanished
    {%- endfor %}

)

select
    source_name,
    table_name,
    column_name,
    max(value_kind) as value_kind,
    count(distinct value_kind) as value_kinds,
    bool_or(is_delivered) as is_delivered,
    min(known_at) as first_seen_at,
    max(known_at) as last_seen_at

from united

group by source_name, table_name, column_name
