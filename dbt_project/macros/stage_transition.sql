{#
    The name of a step from one stage to the next: forward, skip_<n stages jumped over>,
    backward_<n stages back>; between states: reopen, restore, resume (from
    dormant), close, delete, merge, park (into dormant).
#}
{% macro stage_transition(from_state, from_position, to_state, to_position) -%}
    case
        when {{ to_state }} in ('won', 'lost') then 'close'
        when {{ to_state }} = 'deleted' then 'delete'
        when {{ to_state }} = 'merged' then 'merge'
        when {{ to_state }} = 'dormant' then 'park'
        when {{ from_state }} in ('won', 'lost') then 'reopen'
        when {{ from_state }} in ('deleted', 'merged') then 'restore'
        when {{ from_state }} = 'dormant' then 'resume'
        when {{ to_position }} = {{ from_position }} + 1 then 'forward'
        when {{ to_position }} > {{ from_position }}
            then 'skip_' || cast({{ to_position }} - {{ from_position }} - 1 as varchar)
        when {{ to_position }} < {{ from_position }}
            then 'backward_' || cast({{ from_position }} - {{ to_position }} as varchar)
    end
{%- endmacro %}
