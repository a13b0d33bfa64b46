"""What stands in for a worker: does what the job's parameter `do` says. Run with -S and -E, it starts in 20 ms."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

run, staged, template = sys.argv[1:4]
with open(f"{run}/job.json", encoding="utf-8") as file:
    job = json.load(file)
parameters = job["parameters"]
do = parameters["do"]


def result(state, message, code=""):
    with open(f"{run}/result.json", "w", encoding="utf-8") as file:
        json.dump({"state": state, "message": message, "public": message, "code": code}, file)


def cell(number):
    with open(f"{run}/cell.txt", "w", encoding="utf-8") as file:
        file.write(f"{number} 9")


def good(slug=job["slug"]):
    shutil.copytree(template, staged, dirs_exist_ok=True)
    with open(f"{staged}/record.json", encoding="utf-8") as file:
        record = json.load(file) | {"slug": slug}
    with open(f"{staged}/record.json", "w", encoding="utf-8") as file:
        json.dump(record, file)
    result("done", record["title"])


def times_before(name):
    """Count how often this was called for the job, over its attempts."""
    place = f"{parameters['count']}/{job['slug']}-{name}"
    with open(place, "a", encoding="utf-8") as file:
        file.write("x")
    return os.path.getsize(place) - 1


if do in ("good", "slow", "orphan", "changes"):
    cell(1)
    if do == "slow":
        time.sleep(parameters["seconds"])
    if do == "orphan":
        subprocess.Popen(["sleep", "600"], start_new_session=True, stdout=subprocess.DEVNULL)
    if do == "changes" and times_before("changes") == 0:
        with open(parameters["file"], "a", encoding="utf-8") as file:
            file.write("r2,Pay,5,5\n")
    good()
elif do == "raise":
    result("failed", "code cell 3 raised IndexError.", "unfinished")
    sys.exit(1)
elif do == "crash":
    print("Traceback of postgresql://me:hunter2@db/cx", file=sys.stderr)
    sys.exit(3)
elif do == "hiding":  # a daemon that nobody can tell from others: no parent, no mark, a session of its own
    command = f"sleep 600 & echo $! > {parameters['place']}"
    subprocess.Popen(["setsid", "sh", "-c", command], env={}, stdout=subprocess.DEVNULL).wait()
    good()
elif do == "removing":
    shutil.rmtree(run)
    sys.exit(1)
elif do == "silent":
    sys.exit(0)
elif do == "killed":
    cell(2)
    os.kill(os.getpid(), signal.SIGKILL)
elif do in ("hang", "deaf"):
    cell(2)
    if do == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen(["sleep", "600"], start_new_session=True, stdout=subprocess.DEVNULL)
    while True:
        time.sleep(600)
elif do == "greedy":
    cell(2)
    held = bytearray(parameters["bytes"])
    for i in range(0, len(held), 4096):
        held[i] = 1
    time.sleep(600)
elif do == "late":  # its kernel does not start the first time
    if times_before("late") < parameters["times"]:
        result("failed", "The start of the kernel ended with its kernel dead.", "kernel_start")
        sys.exit(1)
    good()
elif do == "tampered":
    good()
    with open(f"{staged}/report.html", "a", encoding="utf-8") as file:
        file.write("<!-- -->")
elif do == "other":
    good(slug="another")
