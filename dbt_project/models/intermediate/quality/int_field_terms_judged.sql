{#
    A reading counts as far as its rule binds: from the day since and the stage reached, to the day until
    and the stage left. Before its grace has run out it is not yet due.
#}
with

readings as (

    select * from {{ ref('int_field_readings') }}

),

rules as (

    select * from {{ ref('int_mandatory_fields_dated') }}

),

terms as (

    select * from {{ ref('int_rule_terms') }}

),

values_judged as (

    select * from {{ ref('int_values_judged') }}

),

bound as (

    select
        readings.*,
        greatest(readings.born_at, rules.since_at) as bind_from,
        greatest({{ add_elapsed_days('readings.born_at', 'rules.grace_days') }}, rules.since_at) as due_from,
        rules.until_at as bind_to

    from readings

    inner join rules
        on readings.rule_id = rules.rule_id

    where rules.required_from is null and rules.required_in is null

    union all

    select
        readings.*,
        greatest(terms.reached_at, rules.since_at) as bind_from,
        greatest({{ add_elapsed_days('terms.reached_at', 'rules.grace_days') }}, rules.since_at) as due_from,
        least(terms.left_at, rules.until_at) as bind_to

    from readings

    inner join rules
        on readings.rule_id = rules.rule_id

    inner join terms
        on
            readings.rule_id = terms.rule_id
            and readings.record_id = terms.record_id

),

cut as (

    select
        *,
        true as is_due,
        greatest(valid_from, due_from) as term_from,
        least(valid_to, bind_to) as term_to

    from bound

    union all

    select
        *,
        false as is_due,
        greatest(valid_from, bind_from) as term_from,
        least(valid_to, bind_to, due_from) as term_to

    from bound

    where due_from > bind_from

),

lived as (

    select
        *,
        case when term_to < {{ as_of_at() }} then term_to end as known_to

    from cut

    where coalesce(term_from < term_to, true) and term_from < {{ as_of_at() }}

)

select
    lived.rule_id,
    lived.entity,
    lived.record_id,
    lived.field,
    lived.rep_id,
    lived.stage_id,
    lived.record_type,
    values_judged.value_key,
    case
        when not lived.is_subject then 'gone'
        when not lived.is_due then 'not_yet_due'
        else values_judged.status
    end as status,
    case when lived.is_subject and lived.is_due then values_judged.value_class end as value_class,
    lived.term_from as valid_from,
    lived.known_to as valid_to

from lived

inner join values_judged
    on
        lived.rule_id = values_judged.rule_id
        and lived.field_value = values_judged.field_value
        and lived.compared_value = values_judged.compared_value
