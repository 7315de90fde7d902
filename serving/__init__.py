"""What people use: the published marts."""
