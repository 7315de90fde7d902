"""The parts of the chain as Dagster assets. They report; the work is done elsewhere."""
