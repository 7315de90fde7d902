"""When things run: companies, the Dagster job and the command line. Thin: the work is elsewhere."""
