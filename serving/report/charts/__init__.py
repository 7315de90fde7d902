"""One Vega-Lite specification per chart, in the colours and letters that all charts share."""
