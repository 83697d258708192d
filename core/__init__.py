"""The numeric core of the explorer; it knows nothing of pages.

One way through the house: a data set (``core.datasets``) gives arrays; a model (``core.models``) gives a loss
for a batch of them; the trainer (``core.training.trainer``) minimises it; a session records what happens in
the run store (``core.runs``) while the jobs (``core.training.jobs``) decide where and when; ``core.inference``
and ``core.analysis`` ask trained runs questions; ``core.figures`` draws the answers. Imports run leftwards only.
"""
