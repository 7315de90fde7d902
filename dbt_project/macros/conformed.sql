{#
    One entity, whatever sources the company enables: the staging models stg_<source>__<entity>
    united, cast to the given columns, cut to what was known at as_of, one row per key: the latest.
    A row whose key vanished from its source is dropped, or kept and marked is_vanished.

    entity: plural noun; columns: {name: data type}. Sources come from the var `conformed`.
    No source for the entity gives an empty table of the same shape.
    keep_loads: one row per key and load that changed it, vanishings included, instead of the latest. Of a
    delivery that was corrected under its name, the correction's row alone.
    known_at: of a correction the instant of what it corrects.
#}
{% macro conformed(entity, columns, keep_vanished=false, keep_loads=false) -%}
with

{% for source_name in var('conformed').get(entity, []) %}
{{ source_name }} as (

    select
        '{{ source_name }}' as source_name,
        {%- for name, data_type in columns.items() %}
        cast({{ name }} as {{ data_type }}) as {{ name }},
        {%- endfor %}
        {{ lake_columns() }}

    from {{ ref('stg_' ~ source_name ~ '__' ~ entity) }}

),

{% endfor -%}

united as (

    {%- for source_name in var('conformed').get(entity, []) %}
    select * from {{ source_name }}
    {% if not loop.last %}union all{% endif %}
    {%- else %}
    select
        cast(null as varchar) as source_name,
        {%- for name, data_type in columns.items() %}
        cast(null as {{ data_type }}) as {{ name }},
        {%- endfor %}
        cast(null as varchar) as _key,
        cast(null as varchar) as _op,
        cast(null as varchar) as _source_file,
        cast(null as bigint) as _row_number,
        cast(null as timestamp) as _extracted_at
    where 1 = 0
    {%- endfor %}

),

{% set keeps_past = keep_vanished or keep_loads -%}
known as (

    select *

    from united

    where _extracted_at < {{ as_of_at() }}
    {%- if not keeps_past %}

    qualify row_number() over (
        partition by source_name, _key
        order by _extracted_at desc, _source_file desc, _row_number desc
    ) = 1
    {%- endif %}

){% if keeps_past %},

-- The few keys of which a second holds several rows, or that vanished: to sort all of them for it takes longer.
told_again as (

    select distinct
        source_name,
        _key

    from known

    group by source_name, _key, date_trunc('second', _extracted_at)

    having count(*) > 1 or bool_or(_op <> 'upsert')

),

corrected as (

    select *

    from known

    where {{ is_told_again() }}

    -- A correction lies within the second of the landing under its file's name that it takes the place of.
    qualify row_number() over (
        partition by source_name, _key, _source_file, date_trunc('second', _extracted_at)
        order by _extracted_at desc, _row_number desc
    ) = 1

),

delivered as (

    select *

    from corrected

    -- What only a corrected landing held never was; what vanished has been there.
    qualify bool_or(_op <> 'delete') over (
        partition by source_name, _key
        order by _extracted_at, _source_file, _row_number
    )

    union all

    select *

    from known

    where not {{ is_told_again() }}

){% if not keep_loads %},

latest as (

    select *

    from delivered

    qualify row_number() over (
        partition by source_name, _key
        order by _extracted_at desc, _source_file desc, _row_number desc
    ) = 1

){% endif %}{% endif %}

select
    {%- for name in columns %}
    {{ name }},
    {%- endfor %}
    {%- if keeps_past %}
    _op = 'delete' as is_vanished,
    {%- endif %}
    {%- if keep_loads %}
    cast(row_number() over (
        partition by source_name, _key
        order by _extracted_at, _source_file, _row_number
    ) as integer) as load_no,
    {%- endif %}
    cast(date_trunc('second', _extracted_at) as timestamp) as known_at,
    source_name

from {{ 'delivered' if keep_loads else 'latest' if keep_vanished else 'known' }}
{%- if not keeps_past %}

where _op <> 'delete'
{%- endif %}
{%- endmacro %}

{# Whether a row of `known` is of a key that `told_again` lists. #}
{% macro is_told_again() -%}
    exists (
        select 1
        from told_again
        where told_again.source_name = known.source_name and told_again._key = known._key
    )
{%- endmacro %}

{# What every staging model hands on beside its own columns: who the row is and when it was learnt. #}
{% macro lake_columns() -%}
    _key,
        _op,
        _source_file,
        _row_number,
        _extracted_at
{%- endmacro %}

{# Of a table without keys: 1 for a row, 2, 3 ... for those that are like it in every column. Its _key ends in it. #}
{% macro key_repetition() -%}
    cast(split_part(_key, '#', 2) as bigint)
{%- endmacro %}
