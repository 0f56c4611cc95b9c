"""What a session's plan asks before the interviews, and does every minute."""

from candidates.planning.guards import missing_before_interviews
from candidates.planning.search_runs import fail_lost_searches
from candidates.sessions.hooks import declare_guard
from cqp.core.hooks import Job, periodic
from cqp.evidence.hooks import declare_evident, declare_plain

declare_guard("start_interviews", missing_before_interviews, order=10)
periodic.register(Job(fail_lost_searches), key="searches", order=72)

declare_evident("candidates.Room", "session name is_remote")
declare_plain(
    "Help to plan: an interview says when, where and with whom it is.",
    *("candidates.SessionDay", "candidates.Availability", "candidates.PlanSettings", "candidates.PlanRun"),
)
