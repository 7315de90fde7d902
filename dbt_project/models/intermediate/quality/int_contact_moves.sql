{# The account of a contact as successive loads tell it: where it changed, the person changed employer. #}
with

loads as (

    {{ conformed('contacts', {'contact_id': 'varchar', 'account_id': 'varchar'}, keep_loads=true) | indent(4) }}

),

followed as (

    select
        contact_id,
        account_id,
        lag(account_id) over (partition by source_name, contact_id order by load_no) as previous_account_id,
        known_at

    from loads

    where not is_vanished

)

select
    contact_id,
    max(known_at) as moved_at

from followed

where account_id <> previous_account_id

group by contact_id
