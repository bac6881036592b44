"""The places of the app: setup, review, run, and what stands over them."""
