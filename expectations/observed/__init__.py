"""What an evaluation finds, one module per kind of figure; `observing.observe` calls them all."""
