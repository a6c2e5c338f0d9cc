"""How what landed had been reviewed, and whether that is wearing away."""

from reviewqueue.coverage.chart import chart_svg
from reviewqueue.coverage.classes import Classified, claims_in, classify, later_class
from reviewqueue.coverage.data import report_data, report_json
from reviewqueue.coverage.erosion import Erosion, ErosionState, watch
from reviewqueue.coverage.markdown import report_markdown
from reviewqueue.coverage.measure import Coverage, Group, Tally, measure
from reviewqueue.coverage.page import report_html
from reviewqueue.coverage.precision import Answered, Precision, precision
from reviewqueue.coverage.report import Report, build_report
from reviewqueue.coverage.rows import ChartRow, chart_rows
from reviewqueue.coverage.weeks import ReportError, last_closed_week, week_of

__all__ = [
    "Answered",
    "ChartRow",
    "Classified",
    "Coverage",
    "Erosion",
    "ErosionState",
    "Group",
    "Precision",
    "Report",
    "ReportError",
    "Tally",
    "build_report",
    "chart_rows",
    "chart_svg",
    "claims_in",
    "classify",
    "last_closed_week",
    "later_class",
    "measure",
    "precision",
    "report_data",
    "report_html",
    "report_json",
    "report_markdown",
    "watch",
    "week_of",
]
