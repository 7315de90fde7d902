"""What `pilotage doctor` looks at. Each check looks, changes nothing, and says how to mend it."""
