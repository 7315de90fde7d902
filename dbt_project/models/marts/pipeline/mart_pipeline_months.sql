{{ pipeline_at_ends('month_start_date') }}
