{%- set cell = 'team, territory, segment_id, seniority' -%}
with

rep_cases as (

    select * from {{ ref('int_rep_cases') }}

),

beside_peers as (

    select
        *,
        sum(closed_count) over (partition by rep_id, team) as rep_closed,
        sum(won_count) over (partition by rep_id, team) as rep_won,
        sum(closed_count) over (partition by team) as team_closed,
        sum(won_count) over (partition by team) as team_won,
        sum(closed_count) over (partition by {{ cell }}) - closed_count as peer_closed,
        sum(won_count) over (partition by {{ cell }}) - won_count as peer_won

    from rep_cases

),

cell_rates as (

    select
        *,
        {{ safe_divide('closed_count', 'rep_closed') }} as cell_share,
        {{ safe_divide('won_count', 'closed_count') }} as cell_rate,
        {{ safe_divide('peer_won', 'peer_closed') }} as peer_rate,
        {{ safe_divide('(team_won - rep_won)', '(team_closed - rep_closed)') }} as peers_rate,
        {{ shrunk_variance('won_count', 'closed_count') }} as cell_variance,
        {{ shrunk_variance('peer_won', 'peer_closed') }} as peer_variance

    from beside_peers

),

explained as (

    select
        rep_id,
        team,
        max(rep_closed) as closed_count,
        max(rep_won) as won_count,
        max(team_closed - rep_closed) as peer_closed_count,
        max(peers_rate) as peer_conversion,
        sum(case when peer_closed = 0 then closed_count else 0 end) as unmatched_count,
        {{ exact_sum('case when peer_closed > 0 then cell_share * (peer_rate - peers_rate) else 0 end') }}
            as mix_effect,
        {{ exact_sum('case when peer_closed > 0 then cell_share * (cell_rate - peer_rate) end') }} as residual,
        {{ exact_sum('case when peer_closed = 0 then cell_share * (cell_rate - peers_rate) else 0 end') }}
            as unmatched_effect,
        1.959963984540054 * sqrt({{ exact_sum(
            'case when peer_closed > 0 then cell_share * cell_share * (cell_variance + peer_variance) end'
        ) }}) as margin_of_error

    from cell_rates

    group by rep_id, team

)

select
    rep_id,
    team,
    cast(closed_count as bigint) as closed_count,
    cast(won_count as bigint) as won_count,
    cast(peer_closed_count as bigint) as peer_closed_count,
    cast(unmatched_count as bigint) as unmatched_count,
    {{ safe_divide('won_count', 'closed_count') }} as conversion,
    {{ wilson_low('won_count', 'closed_count') }} as conversion_low,
    {{ wilson_high('won_count', 'closed_count') }} as conversion_high,
    peer_conversion,
    round({{ safe_divide('won_count', 'closed_count') }} - peer_conversion, 12) as gap,
    case when peer_closed_count > 0 then cast(mix_effect as double) end as mix_effect,
    cast(residual as double) as residual,
    cast(residual as double) - margin_of_error as residual_low,
    cast(residual as double) + margin_of_error as residual_high,
    case when peer_closed_count > 0 then cast(unmatched_effect as double) end as unmatched_effect,
    unmatched_count > 0 as has_cells_without_peer,
    closed_count >= {{ var('min_n') }} as is_judged

from explained

order by team, rep_id
