"""The quirks of single vendors' APIs: their endpoints, and how their answers become rows."""
