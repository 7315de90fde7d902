"""The report for managers: one HTML file made from the published marts, read anywhere.

- `building.write_report` reads the published file and writes the page; nothing else writes.
- One module per page (flash, pipeline, ...): plain queries of marts, and what is shown of them.
- charts/: one Vega-Lite specification per chart; a chart draws the rows of its own table.
- texts/: every text in English and French; templates/: HTML, style and script.
"""
