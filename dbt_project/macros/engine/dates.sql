{# What engines spell differently about time. Each macro names its DuckDB and its Spark form. #}

{# The local day of a UTC instant in the company's business time zone. #}
{% macro local_date(instant, time_zone=none) -%}
    {{ return(adapter.dispatch('local_date')(instant, time_zone or var('business_tz'))) }}
{%- endmacro %}
{% macro duckdb__local_date(instant, time_zone) -%}
    {#- make_timestamptz(epoch_us(x)) would cost two thirds; but in a session with a foreign calendar only two conversions of
        one kind take each other's error back. #}
    cast(timezone('{{ time_zone }}', timezone('UTC', {{ instant }})) as date)
{%- endmacro %}
{% macro spark__local_date(instant, time_zone) -%}
    cast(from_utc_timestamp({{ instant }}, '{{ time_zone }}') as date)
{%- endmacro %}

{# The UTC instant at which a local day begins. #}
{% macro day_start(local_day, time_zone=none) -%}
    {{ return(adapter.dispatch('day_start')(local_day, time_zone or var('business_tz'))) }}
{%- endmacro %}
{% macro duckdb__day_start(local_day, time_zone) -%}
    timezone('UTC', timezone('{{ time_zone }}', cast({{ local_day }} as timestamp)))
{%- endmacro %}
{% macro spark__day_start(local_day, time_zone) -%}
    to_utc_timestamp(cast({{ local_day }} as timestamp), '{{ time_zone }}')
{%- endmacro %}

{# Elapsed days between two instants, with their fraction. #}
{% macro elapsed_days(from_instant, to_instant) -%}
    {{ days_of(elapsed_microseconds(from_instant, to_instant)) }}
{%- endmacro %}

{# A number of microseconds in days, a double. #}
{% macro days_of(microseconds) -%}
    cast({{ microseconds }} as double) / 86400000000
{%- endmacro %}

{# Whole microseconds from one instant to a later one: they add up to the same in any order. #}
{% macro elapsed_microseconds(from_instant, to_instant) -%}
    {{ return(adapter.dispatch('elapsed_microseconds')(from_instant, to_instant)) }}
{%- endmacro %}
{% macro duckdb__elapsed_microseconds(from_instant, to_instant) -%}
    date_diff('microsecond', {{ from_instant }}, {{ to_instant }})
{%- endmacro %}
{% macro spark__elapsed_microseconds(from_instant, to_instant) -%}
    (unix_micros({{ to_instant }}) - unix_micros({{ from_instant }}))
{%- endmacro %}

{# Whole calendar days from one date to a later one. #}
{% macro calendar_days(from_date, to_date) -%}
    {{ return(adapter.dispatch('calendar_days')(from_date, to_date)) }}
{%- endmacro %}
{% macro duckdb__calendar_days(from_date, to_date) -%}
    date_diff('day', {{ from_date }}, {{ to_date }})
{%- endmacro %}
{% macro spark__calendar_days(from_date, to_date) -%}
    datediff({{ to_date }}, {{ from_date }})
{%- endmacro %}

{# A date some days later (or earlier, when negative). #}
{% macro add_days(day, days) -%}
    {{ return(adapter.dispatch('add_days')(day, days)) }}
{%- endmacro %}
{% macro duckdb__add_days(day, days) -%}
    cast({{ day }} + cast({{ days }} as integer) as date)
{%- endmacro %}
{% macro spark__add_days(day, days) -%}
    date_add({{ day }}, cast({{ days }} as int))
{%- endmacro %}

{# A select of every day from one date to another, both included: column date_day. #}
{% macro date_spine(first_day, last_day) -%}
    {{ return(adapter.dispatch('date_spine')(first_day, last_day)) }}
{%- endmacro %}
{% macro duckdb__date_spine(first_day, last_day) -%}
    select cast(series.day as date) as date_day
    from generate_series(
        cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval 1 day
    ) as series (day)
{%- endmacro %}
{% macro spark__date_spine(first_day, last_day) -%}
    select explode(sequence({{ first_day }}, {{ last_day }}, interval 1 day)) as date_day
{%- endmacro %}

{# One row per day of [from_date, until_date), in a select: each_day('from_date', 'until_date') as date_day. #}
{% macro each_day(from_date, until_date) -%}
    {{ return(adapter.dispatch('each_day')(from_date, until_date)) }}
{%- endmacro %}
{% macro duckdb__each_day(from_date, until_date) -%}
    cast(unnest(generate_series(
        cast({{ from_date }} as timestamp), cast({{ until_date }} as timestamp) - interval 1 day, interval 1 day
    )) as date)
{%- endmacro %}
{% macro spark__each_day(from_date, until_date) -%}
    explode(sequence({{ from_date }}, date_sub({{ until_date }}, 1), interval 1 day))
{%- endmacro %}

{# 1 = Monday ... 7 = Sunday. #}
{% macro iso_weekday(day) -%}
    {{ return(adapter.dispatch('iso_weekday')(day)) }}
{%- endmacro %}
{% macro duckdb__iso_weekday(day) -%}
    isodow({{ day }})
{%- endmacro %}
{% macro spark__iso_weekday(day) -%}
    (weekday({{ day }}) + 1)
{%- endmacro %}

{# The instant so many elapsed days (of 24 hours) later. #}
{% macro add_elapsed_days(instant, days) -%}
    {{ return(adapter.dispatch('add_elapsed_days')(instant, days)) }}
{%- endmacro %}
{% macro duckdb__add_elapsed_days(instant, days) -%}
    {{ instant }} + to_hours(24 * cast({{ days }} as integer))
{%- endmacro %}
{% macro spark__add_elapsed_days(instant, days) -%}
    timestampadd(hour, 24 * cast({{ days }} as int), {{ instant }})
{%- endmacro %}
