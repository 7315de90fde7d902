{# Waivers cut into the terms in which a field is missing or invalid, and into no others. #}
with

terms as (

    select * from {{ ref('int_field_terms_judged') }}

),

judged_pieces as (

    select * from {{ ref('int_terms_waived') }}

),

statuses as (

    select
        terms.rule_id,
        terms.entity,
        terms.record_id,
        terms.field,
        coalesce(terms.rep_id, 'unassigned') as rep_id,
        coalesce(terms.stage_id, 'none') as stage_id,
        terms.value_key,
        case when judged_pieces.is_waived then 'waived' else terms.status end as status,
        case when not coalesce(judged_pieces.is_waived, false) then terms.value_class end as value_class,
        coalesce(judged_pieces.cut_from, terms.valid_from) as valid_from,
        coalesce(judged_pieces.cut_to, terms.valid_to) as valid_to

    from terms

    left outer join judged_pieces
        on
            terms.rule_id = judged_pieces.rule_id
            and terms.record_id = judged_pieces.record_id
            and terms.valid_from = judged_pieces.valid_from

)

select
    rule_id,
    entity,
    record_id,
    field,
    rep_id,
    stage_id,
    value_key,
    status,
    value_class,
    valid_to is null as is_current,
    valid_from,
    valid_to

from statuses
