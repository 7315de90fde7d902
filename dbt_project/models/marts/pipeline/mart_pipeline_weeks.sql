{{ pipeline_at_ends('week_start_date') }}
