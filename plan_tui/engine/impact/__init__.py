"""What a change means: computed when it is looked at, kept by fingerprint."""
