"""The states of a sheet, its stream, what it demands of a session and shows on the pages of the branch."""

from candidates.board.hooks import panels
from candidates.dossiers.hooks import return_warnings
from candidates.planning.hooks import interview_panels
from candidates.sessions.hooks import change_marks, declare_guard
from cqp.operations.hooks import handlers
from cqp.workflow import declare_workflows
from evaluations.sheets.operations import SheetHandler
from evaluations.sheets.panels import already_prepared, interview_panel, sheets_mark, sheets_panel
from evaluations.sheets.workflow import SHEET, unsigned_sheets

declare_workflows(SHEET)
handlers.register(SheetHandler, key=SheetHandler.kind)
declare_guard("open_jury", unsigned_sheets)
declare_guard("publish", unsigned_sheets)
panels.register(sheets_panel, order=10)
interview_panels.register(interview_panel)
change_marks.register(sheets_mark)
return_warnings.register(already_prepared)
