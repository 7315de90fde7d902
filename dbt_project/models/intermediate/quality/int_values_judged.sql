{#
    Whether a value fulfils its rule, looked at once for each value that ever stood in the field: texts
    cost more to judge than to join. The first fault counts, in the order of the value classes.
#}
with

rules as (

    select * from {{ ref('int_mandatory_fields_dated') }}

),

placeholders as (

    select distinct {{ value_key('comparable') }} as placeholder_key

    from (
        select {{ comparable_text('placeholder') }} as comparable from {{ ref('placeholders') }}
    ) as placeholder_texts

),

allowed as (

    select distinct
        rule_id,
        {{ value_key('comparable') }} as allowed_key

    from (
        select
            rule_id,
            {{ comparable_text('item') }} as comparable

        from {{ ref('int_rule_items') }}

        where list_name = 'allowed_values'
    ) as allowed_texts

),

told as (

    select * from {{ ref('int_values_told') }}

),

compared as (

    select
        told.*,
        case
            when told.compared_comparable = '' then null
            when told.value_kind = 'number'
                then cast(sign(told.value_number - told.compared_number) as integer)
            when told.value_kind = 'instant' and told.compared_kind = 'instant'
                then {{ order_of('told.value_at', 'told.compared_at') }}
            when told.value_kind in ('day', 'instant')
                then {{ order_of('told.value_date', 'told.compared_date') }}
            else {{ order_of('told.comparable', 'told.compared_comparable') }}
        end as value_order

    from told

),

classed as (

    select
        compared.rule_id,
        compared.field_value,
        compared.compared_value,
        compared.value_key,
        case
            when compared.comparable = '' then 'missing'
            when placeholders.placeholder_key is not null then 'placeholder'
            when length(compared.trimmed_value) < rules.min_length then 'too_short'
            when rules.allowed_values is not null and allowed.allowed_key is null then 'not_allowed'
            when compared.value_number < try_cast(rules.min_value as decimal(38, 12)) then 'too_low'
            when compared.value_date < try_cast(rules.min_value as date) then 'too_low'
            when compared.value_number > try_cast(rules.max_value as decimal(38, 12)) then 'too_high'
            when compared.value_date > try_cast(rules.max_value as date) then 'too_high'
            when not {{ matches_wholly('compared.trimmed_value', 'rules.pattern') }} then 'wrong_pattern'
            when
                not case rules.comparison
                    when '<' then compared.value_order < 0
                    when '<=' then compared.value_order <= 0
                    when '>' then compared.value_order > 0
                    when '>=' then compared.value_order >= 0
                    when '=' then compared.value_order = 0
                    when '<>' then compared.value_order <> 0
                end
                then 'contradicts'
        end as value_class

    from compared

    inner join rules
        on compared.rule_id = rules.rule_id

    left outer join placeholders
        on compared.value_key = placeholders.placeholder_key

    left outer join allowed
        on
            compared.rule_id = allowed.rule_id
            and compared.value_key = allowed.allowed_key

)

select
    rule_id,
    field_value,
    compared_value,
    value_key,
    case
        when value_class is null then 'filled'
        when value_class in ('missing', 'placeholder') then value_class
        else 'invalid'
    end as status,
    value_class

from classed
