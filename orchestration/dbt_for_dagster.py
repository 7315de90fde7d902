"""dbt as Dagster starts and hears it: a line of JSON for each event that is worth one.

dbt's own logger makes a line of every event, the thousands for its developers too, before it asks
whether its level lets them pass: a tenth of a build. Its callbacks
(https://docs.getdbt.com/reference/programmatic-invocations#registering-callbacks) can ask first.
"""

import os
import sys

from dbt.cli.main import dbtRunner
from dbt_common.events.base_types import EventLevel, EventMsg
from dbt_common.events.functions import env_scrubber, msg_to_json

# As dbt itself ends.
FAILED, BROKEN = 1, 2


def main() -> None:
    """Do what the arguments say, as `dbt --log-format json` would, with its exit codes."""
    done = dbtRunner(callbacks=[_tell]).invoke(["--log-level", "none", *sys.argv[1:]])
    if done.exception:
        # What goes wrong before dbt can tell of events, such as an option it does not know.
        sys.stderr.write(f"{done.exception}\n")
        sys.exit(BROKEN)
    sys.exit(0 if done.success else FAILED)


def _tell(event: EventMsg) -> None:
    """dbt's threads tell at the same time, hence one write.

    Where nobody hears it the run was killed. An error in one of its threads would have dbt wait for
    that thread for ever, and no later run could open the warehouse.
    """
    if event.info.level == EventLevel.DEBUG:
        return
    try:
        sys.stdout.write(f"{env_scrubber(msg_to_json(event))}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(BROKEN)
