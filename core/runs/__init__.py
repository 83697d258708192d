"""The run store: what was trained, how it went, and what it looked like on the way.

``Store`` keeps runs, scalars and commands in SQLite and arrays in files beside it; ``Run`` is one row of it.
"""

from core.runs.record import ENDED, LIVE, LOCAL, RESUMABLE, STATES, Run
from core.runs.store import Store

__all__ = ["ENDED", "LIVE", "LOCAL", "RESUMABLE", "STATES", "Run", "Store"]
