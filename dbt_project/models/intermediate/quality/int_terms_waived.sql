{#
    Terms in which a field is missing or invalid and a waiver touches, cut where any waiver begins or ends:
    several may overlap, and each cut asks whether one holds. A team's waiver holds for a rep's records on
    the days on which the rep was of that team.
#}
with

terms as (

    select * from {{ ref('int_field_terms_judged') }}

    where status in ('missing', 'placeholder', 'invalid')

),

waivers as (

    select
        *,
        {{ day_start('since') }} as since_at,
        {{ day_start(add_days('until', 1)) }} as until_at

    from {{ ref('waivers') }}

),

teams as (

    select
        'team' as scope,
        rep_id,
        team,
        {{ day_start('from_date') }} as from_at,
        {{ day_start('until_date') }} as until_at

    from {{ ref('int_rep_teams_dated') }}

),

waived as (

    select
        terms.rule_id,
        terms.record_id,
        terms.valid_from,
        terms.valid_to,
        greatest(terms.valid_from, waivers.since_at, teams.from_at) as waived_from,
        least(waivers.until_at, teams.until_at) as waived_to

    from terms

    inner join waivers
        on
            terms.rule_id = waivers.rule_id
            and terms.valid_from < waivers.until_at
            and coalesce(terms.valid_to > waivers.since_at, true)
            and coalesce(waivers.since_at < {{ as_of_at() }}, true)

    left outer join teams
        on
            waivers.scope = teams.scope
            and waivers.member = teams.team
            and terms.rep_id = teams.rep_id
            and terms.valid_from < teams.until_at

    where
        coalesce(terms.valid_to > teams.from_at, true)
        and case waivers.scope
            when 'company' then true
            when 'rep' then terms.rep_id = waivers.member
            when 'team' then teams.team is not null
            when 'record' then terms.record_id = waivers.member
            when 'record_type' then terms.record_type = waivers.member
        end

),

cuts as (

    select
        rule_id,
        record_id,
        valid_from,
        valid_from as cut_from

    from waived

    union

    select
        rule_id,
        record_id,
        valid_from,
        waived_from as cut_from

    from waived

    union

    select
        rule_id,
        record_id,
        valid_from,
        waived_to as cut_from

    from waived

    where coalesce(waived_to < valid_to, true) and waived_to < {{ as_of_at() }}

),

pieces as (

    select
        *,
        lead(cut_from) over (partition by rule_id, record_id, valid_from order by cut_from) as cut_to

    from cuts

),

judged_pieces as (

    select
        pieces.rule_id,
        pieces.record_id,
        pieces.valid_from,
        pieces.cut_from,
        pieces.cut_to,
        bool_or(pieces.cut_from >= waived.waived_from and pieces.cut_from < waived.waived_to) as is_waived

    from pieces

    inner join waived
        on
            pieces.rule_id = waived.rule_id
            and pieces.record_id = waived.record_id
            and pieces.valid_from = waived.valid_from

    group by pieces.rule_id, pieces.record_id, pieces.valid_from, pieces.cut_from, pieces.cut_to

)

select * from judged_pieces
