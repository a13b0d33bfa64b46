"""Run one job through jupyter-scheduler's own Scheduler; for a Python that has it: FOLDER CONFIG PARAMETERS FORMATS.

Prints the job's state, its message and its files as JSON.
"""

import json
import os
import sys
import time
from pathlib import Path

from traitlets.config import Config


def configured(path: str) -> Config:
    """Read a configuration the way the server reads it."""
    config = Config()
    exec(compile(Path(path).read_text(encoding="utf-8"), path, "exec"), globals() | {"get_config": lambda: config})
    return config


root = Path(sys.argv[1])
os.chdir(root)
# At the top, because the process that Scheduler spawns for the job imports this file anew.
settings = configured(sys.argv[2]).SchedulerApp

if __name__ == "__main__":
    from jupyter_scheduler.models import CreateJob
    from jupyter_scheduler.orm import create_tables

    database = f"sqlite:///{root}/jobs.sqlite"
    create_tables(database)
    environments = settings.environment_manager_class()
    (environment,) = environments.list_environments()
    scheduler = settings.scheduler_class(
        root_dir=str(root), environments_manager=environments, db_url=database, staging_path=str(root / "staging")
    )
    asked = CreateJob(
        input_uri="05_customer.ipynb",
        name="customer",
        runtime_environment_name=environment.name,
        parameters=json.loads(sys.argv[3]),
        output_formats=json.loads(sys.argv[4]),
    )
    identity = scheduler.create_job(asked)
    while (job := scheduler.get_job(identity, False)).status not in ("COMPLETED", "FAILED"):
        time.sleep(0.2)
    job = scheduler.get_job(identity)
    files = {kind: path for kind, path in scheduler.get_staging_paths(job).items() if Path(path).is_file()}
    said = {
        "status": str(job.status.value),
        "message": job.status_message,
        "files": files,
        "offered": environment.output_formats,
    }
    print(json.dumps(said | {"listed": [file.display_name for file in job.job_files]}))
