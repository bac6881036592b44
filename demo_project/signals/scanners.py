"""Signals: which days of the shelf scanners can be computed yet."""

from sqlmesh import signal
from sqlmesh.utils.date import DatetimeRanges, to_date


@signal()
def scans_arrived(batch: DatetimeRanges, lost_from: str, lost_to: str) -> DatetimeRanges:
    """All days but those whose scans are still on their way."""
    lost = (to_date(lost_from), to_date(lost_to))
    return [(start, end) for start, end in batch if not lost[0] <= start.date() <= lost[1]]
