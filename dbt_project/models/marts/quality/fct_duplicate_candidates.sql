{#
    A group of records with the same evidence is told as links to its oldest member, not as all its pairs:
    n records give n - 1 rows.
#}
with

evidence as (

    select * from {{ ref('int_duplicate_evidence') }}

),

grouped as (

    select
        *,
        first_value(record_id) over (
            partition by entity, evidence, evidence_key
            order by created_at nulls last, record_id
        ) as candidate_id,
        cast(count(*) over (partition by entity, evidence, evidence_key) as integer) as group_size

    from evidence

),

linked as (

    select
        entity,
        record_id,
        candidate_id,
        evidence,
        max(coalesce(rep_id, 'unassigned')) as rep_id,
        max(group_size) as group_size

    from grouped

    where record_id <> candidate_id

    group by entity, record_id, candidate_id, evidence

)

select
    entity,
    record_id,
    candidate_id,
    evidence,
    rep_id,
    group_size

from linked

order by entity, record_id, evidence, candidate_id
