"""Draws the overview as SVG for an HTML page: without script, sizes in em, the filter of each number in its title."""

from collections.abc import Iterator, Sequence
from html import escape

from tokendesk.model.text import printable
from tokendesk.model.timestamps import day
from tokendesk.reporting.document import Section
from tokendesk.views.goal_progress import Progress
from tokendesk.views.overview import Line, read_overview
from tokendesk.views.overview import Section as Counted
from tokendesk.views.reader import Reader

_WIDTH = 38.0
_TITLES = 15.0
_COUNTS = 6.0
_ROW = 1.5
_CHART = 5.0
_LONGEST = 27
"""Characters of a title that fit beside the bars; the title element has all of it."""


def overview_sections(reader: Reader, now: int) -> Iterator[Section]:
    """Yield a heading, then a section with a picture for each section of the overview, side by side."""
    yield Section("Overview", ("Of the whole organization, whatever the filter of this report.",), quiet=True)
    for found in read_overview(reader, now):
        remark = (found.remark,) if found.remark else ()
        yield Section(found.title, remark, quiet=True, beside=True, picture=_picture(found))


def _picture(found: Counted) -> str:
    parts: list[str] = []
    height = 0.0
    if found.columns:
        parts += _columns(found.columns, height)
        height += _CHART + 2 * _ROW
    parts += _bars(found.lines, height)
    height += len(found.lines) * _ROW
    if found.progress is not None and len(found.progress.points) > 1:
        parts += _curves(found.progress, found.lines, height + _ROW / 2)
        height += _CHART + 3 * _ROW
    if not parts:
        return ""
    size = f'width="{_WIDTH:g}em" height="{height:g}em"'
    inside = "\n".join(parts)
    return f'<svg class="chart" role="group" aria-label="{_text(found.title)}" {size}>\n{inside}\n</svg>\n'


def _bars(lines: Sequence[Line], top: float) -> Iterator[str]:
    barred = [line for line in lines if not (line.urgent or line.is_rest)]
    most = max((line.total or line.count for line in barred), default=0)
    left = _TITLES + _COUNTS + 0.75
    for number, line in enumerate(lines):
        at = top + number * _ROW
        width = (_WIDTH - left) * line.count / most if line in barred and most else 0
        title = line.title if len(line.title) <= _LONGEST else f"{line.title[: _LONGEST - 1]}…"
        yield (
            f"<g>{_title(line)}"
            f'<text x="0" y="{at + 1.05:g}em">{_text(title)}</text>'
            f'<text class="count" x="{_TITLES + _COUNTS:g}em" y="{at + 1.05:g}em">{_text(line.words)}</text>'
            f"{_rectangle(left, at + 0.25, width, 1.0)}</g>"
        )


def _columns(weeks: Sequence[Line], top: float) -> Iterator[str]:
    most = max((week.count for week in weeks), default=0) or 1
    step = _WIDTH / len(weeks)
    for number, week in enumerate(weeks):
        height = _CHART * week.count / most
        yield f"<g>{_title(week)}{_rectangle(number * step, top + _CHART - height, step * 0.8, height)}</g>"
    yield from _ends(weeks[0].title.split(" to ")[0], weeks[-1].title.rpartition(" to ")[2], 0, _WIDTH, top + _CHART)
    words = f"at most {max(week.count for week in weeks):,} in a week"
    yield f'<text class="quiet middle" x="{_WIDTH / 2:g}em" y="{top + _CHART + 1.05:g}em">{words}</text>'


def _curves(progress: Progress, lines: Sequence[Line], top: float) -> Iterator[str]:
    """Draw what was undecided and in use at each pull; what there is now ends the curve."""
    half = (_WIDTH - 2) / 2
    ways = [point.undecided for point in progress.points], [point.in_use for point in progress.points]
    first, last = progress.points[0].at, progress.points[-1].at
    for number, (line, values) in enumerate(zip(lines, ways, strict=False)):
        left = number * (half + 2)
        most = max(*values, line.count) or 1
        places = [100 * (point.at - first) / max(1, last - first) for point in progress.points]
        heights = [100 - 100 * value / most for value in (*values[:-1], line.count)]
        steps = " ".join(f"H{place:.4g} V{height:.4g}" for place, height in zip(places[1:], heights[1:], strict=True))
        words = f"{line.title}, {values[0]:,} to {line.count:,}"
        yield f'<text class="quiet" x="{left:g}em" y="{top + 1:g}em">{_text(words)}</text>'
        yield (
            f'<svg x="{left:g}em" y="{top + _ROW:g}em" width="{half:g}em" height="{_CHART:g}em" viewBox="0 0 100 100"'
            f' preserveAspectRatio="none"><title>{_text(words)}</title>'
            f'<path class="bar" d="M0 100 V{heights[0]:.4g} {steps} V100 Z"/></svg>'
        )
        yield from _ends(day(first), day(last), left, half, top + _ROW + _CHART)


def _ends(first: str, last: str, left: float, width: float, top: float) -> Iterator[str]:
    """Yield the two ends of an axis of time."""
    yield f'<text class="quiet" x="{left:g}em" y="{top + 1.05:g}em">{_text(first)}</text>'
    yield f'<text class="quiet end" x="{left + width:g}em" y="{top + 1.05:g}em">{_text(last)}</text>'


def _rectangle(x: float, y: float, width: float, height: float) -> str:
    if width <= 0 or height <= 0:
        return ""
    return f'<rect class="bar" x="{x:.4g}em" y="{y:.4g}em" width="{width:.4g}em" height="{height:.4g}em"/>'


def _title(line: Line) -> str:
    return f"<title>{_text(f'{line.name or line.title}: {line.words} ({line.pane} {line.filter})')}</title>"


def _text(text: str) -> str:
    return escape(printable(text))
