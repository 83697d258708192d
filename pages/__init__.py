"""The pages: they ask ``core`` and show; they never build a network, open a database or train."""
