"""The known-answer pack: lives of deals worked by hand.

All instants are UTC; the company is in Paris (UTC+1, in summer +2). Unless a scenario says
otherwise, a deal is born in qualification with 1,000 EUR at 10 %, expected to close on 2025-06-30;
all is exported on 2025-05-31 at 20:00 and read at the end of that day. Each deal has its own rep
and account, so that scenarios built together do not touch each other. Runs of days are cut on
1 April, where the fiscal year begins.
"""

from tests.pipeline.scenarios import (
    closing,
    days,
    hands,
    knowledge,
    leaving,
    money,
    periods,
    steps,
)

SCENARIOS = [
    scenario
    for chapter in (steps, closing, leaving, days, money, hands, periods, knowledge)
    for scenario in chapter.SCENARIOS
]
