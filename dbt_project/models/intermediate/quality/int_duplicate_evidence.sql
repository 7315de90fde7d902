{#
    What makes two records look like one: the same name, the same e-mail address, the same domain. A domain
    that more accounts use than any customer has accounts is a mail provider's, and tells nothing.
#}
{%- set most_accounts_of_a_customer = 5 -%}
with

accounts as (

    select * from {{ ref('int_accounts_conformed') }}

    where coalesce(created_at < {{ as_of_at() }}, true)

),

contacts as (

    select
        *,
        case when email like '_%@_%' then {{ comparable_text('email') }} end as email_key

    from {{ ref('int_contacts_conformed') }}

    where coalesce(created_at < {{ as_of_at() }}, true)

),

placeholders as (

    select distinct {{ name_key('placeholder') }} as name_key

    from {{ ref('placeholders') }}

    where {{ name_key('placeholder') }} is not null

),

domains as (

    select
        accounts.account_id,
        accounts.rep_id,
        accounts.created_at,
        {{ replace_matches('contacts.email_key', '^.*@', '') }} as domain

    from contacts

    inner join accounts
        on contacts.account_id = accounts.account_id

    where contacts.email_key is not null

),

own_domains as (

    select domain

    from domains

    group by domain

    having count(distinct account_id) <= {{ most_accounts_of_a_customer }}

),

united as (

    select
        'accounts' as entity,
        account_id as record_id,
        rep_id,
        'name' as evidence,
        {{ name_key('account_name') }} as evidence_key,
        created_at

    from accounts

    union all

    select distinct
        'accounts' as entity,
        domains.account_id as record_id,
        domains.rep_id,
        'domain' as evidence,
        domains.domain as evidence_key,
        domains.created_at

    from domains

    inner join own_domains
        on domains.domain = own_domains.domain

    union all

    select
        'contacts' as entity,
        contacts.contact_id as record_id,
        accounts.rep_id,
        'email' as evidence,
        contacts.email_key as evidence_key,
        contacts.created_at

    from contacts

    left outer join accounts
        on contacts.account_id = accounts.account_id

    union all

    -- Two people of one name are one person only where they work for the same account.
    select
        'contacts' as entity,
        contacts.contact_id as record_id,
        accounts.rep_id,
        'name' as evidence,
        {{ name_key("contacts.first_name || ' ' || contacts.last_name") }} || '@' || contacts.account_id
            as evidence_key,
        contacts.created_at

    from contacts

    inner join accounts
        on contacts.account_id = accounts.account_id

)

select united.*

from united

left outer join placeholders
    on united.evidence_key = placeholders.name_key

where united.evidence_key is not null and placeholders.name_key is null
