{# The rep's post as successive loads of reps tell it. (int_rep_teams_dated tells the team alone.) #}
{{ attributes_dated(ref('int_reps_loaded'), 'rep_id', ['team', 'territory', 'seniority']) }}
