"""Address -> country and where that is known from; country groups; the simulated address plan.

Light to import: `countries` and `plan` need the standard library alone, `lookup` and `anonymous` load geoip2.
"""

ATTRIBUTION = "IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0"
"""To be shown wherever a country from the shipped database is shown, in text."""

ATTRIBUTION_HTML = "<a href='https://db-ip.com'>IP Geolocation by DB-IP</a>"
"""The same for a web page: DB-IP's licence wants a link back on each page that shows or uses results."""
