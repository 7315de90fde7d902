{# The rep's team as successive loads of reps tell it: the pipeline of a day belongs to the team of that day. #}
{{ attributes_dated(ref('int_reps_loaded'), 'rep_id', ['team']) }}
