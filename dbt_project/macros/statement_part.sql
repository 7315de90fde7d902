{#
    One part of int_rep_statements: a relation joined to the days it speaks of; the measures that it does
    not bring are null. Adds nothing but columns, so that all parts can be united.

    key: SQL of rep_id and is_reconstructed; measures: {name: SQL}; on: the join to days.
#}
{% macro statement_part(relation, key, measures, on) -%}
    select
        {{ key }},
        days.period_grain,
        days.period_start_date,
        days.stated_date,
        {%- for name, data_type in {
            'deal_count': 'bigint', 'unresolved_count': 'bigint', 'unrated_count': 'bigint',
            'open_amount': 'decimal(18, 2)', 'weighted_amount': 'decimal(18, 2)',
            'rollup_amount': 'decimal(18, 2)', 'stage_rate_amount': 'decimal(18, 2)',
            'won_before_amount': 'decimal(18, 2)', 'naive_amount': 'decimal(18, 2)',
            'won_amount': 'decimal(18, 2)', 'restated_amount': 'decimal(18, 2)',
            'word_amount': 'decimal(18, 2)', 'months_won_amount': 'decimal(18, 2)', 'in_office': 'integer',
        }.items() %}
        cast({{ measures.get(name, 'null') }} as {{ data_type }}) as {{ name }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}

    from days

    inner join {{ relation }}
        on
            {{ on }}
{%- endmacro %}
