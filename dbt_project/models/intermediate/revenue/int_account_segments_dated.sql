{# The account's segment as successive loads tell it: what is sold and spent on a day belongs to that of the day. #}
{{ attributes_dated(ref('int_accounts_loaded'), 'account_id', ['segment_id']) }}
