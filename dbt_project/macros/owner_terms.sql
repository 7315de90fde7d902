{#
    Who was in charge of an account or a deal, and when: one row per owner_id and interval
    [since_at, until_at), from before all days to after all, without a gap.
#}
{% macro owner_terms(entity, key) -%}
select
    {{ key }} as owner_id,
    rep_id,
    case
        when lag(known_at) over so_far is null then cast('0001-01-01' as timestamp)
        else known_at
    end as since_at,
    coalesce(lead(known_at) over so_far, cast('9999-12-31' as timestamp)) as until_at

from (
{%- if entity == 'opportunities' %}
    select opportunity_id, rep_id, valid_from as known_at, version_no as load_no

    from {{ ref('int_opportunities_versioned') }}
{%- else %}
    {{ conformed(entity, {key: 'varchar', 'rep_id': 'varchar'}, keep_loads=true) | indent(4) }}
{%- endif %}
) as owner_loads

window so_far as (partition by {{ key }} order by load_no)
{%- endmacro %}
