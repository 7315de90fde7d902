{{ config(meta = {"dagster": {"ref": {"name": "fct_pipeline_snapshots"}}}) }}
-- From the first movement to as_of every day shows, in both kinds of snapshots, what the movements until
-- then have left: a day that got lost or a drop that nothing moved is a row here.
with

dates as (

    select * from {{ ref('dim_dates') }}

),

moves as (

    select
        movement_date,
        sum(deal_count) as deal_count,
        sum(amount) as amount

    from {{ ref('fct_pipeline_movements') }}

    group by movement_date

),

expected as (

    select
        dates.date_day,
        sum(coalesce(moves.deal_count, 0)) over so_far as open_count,
        sum(coalesce(moves.amount, 0)) over so_far as gross_amount

    from dates

    left outer join moves
        on dates.date_day = moves.movement_date

    where dates.date_day <= {{ as_of_date() }}

    window so_far as (
        order by dates.date_day
        rows between unbounded preceding and current row
    )

),

shown as (

    {%- for snapshots in ['fct_pipeline_snapshots', 'fct_segment_snapshots'] %}
    select
        '{{ snapshots }}' as mart,
        snapshot_date,
        sum(open_count) as open_count,
        sum(gross_amount) as gross_amount

    from {{ ref(snapshots) }}

    group by snapshot_date
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

marts as (

    select 'fct_pipeline_snapshots' as mart
    union all
    select 'fct_segment_snapshots' as mart

)

select
    marts.mart,
    expected.date_day,
    expected.open_count as expected_count,
    shown.open_count as shown_count,
    expected.gross_amount as expected_amount,
    shown.gross_amount as shown_amount

from expected

cross join marts

left outer join shown
    on
        expected.date_day = shown.snapshot_date
        and marts.mart = shown.mart

where
    expected.open_count <> coalesce(shown.open_count, 0)
    or expected.gross_amount <> coalesce(shown.gross_amount, 0)
