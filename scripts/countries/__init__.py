"""The steps of `python -m scripts.renew_countries`, one module each."""
