"""Everything this repository needs done to it: `python3 infra VERB`.

    python3 infra dev [ARGS]     start the engine on this machine (arguments go to `pql dev`)
    python3 infra pql [ARGS]     run any command of pql, for example `python3 infra pql rules test`
    python3 infra test [ARGS]    run every check and the tests (arguments go to pytest)
    python3 infra validate       check both templates with sam and cfn-lint
    python3 infra audit          look for weaknesses in template, code and packages
    python3 infra build [ARCH]   build what is deployed, for this machine or ARCH; test it if it runs here
    python3 infra rehearse       deploy to an AWS on this machine, roles enforced, and drive it end to end
    python3 infra sam ARGS       run the pinned sam, for example `python3 infra sam deploy --help`
    python3 infra lock           write the lock files anew

It sets up what it needs by itself: Python 3.11 or newer with venv and pip is enough, uv makes it
faster. Nothing is installed outside the environments `.venv` and `.venv-*`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)


def newer_python():
    """Return a Python on the path that is new enough and runs (a shim may not), or None."""
    for minor in (13, 12, 11):
        found = shutil.which("python3.{}".format(minor))  # noqa: UP032 (this line also runs on old Pythons)
        if (
            found
            and subprocess.call([found, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            == 0
        ):
            return found
    return None


def main(arguments):
    """Run one verb and return its exit code."""
    import bundle
    import gate
    import inspection
    import locks
    import rehearsal
    import toolbox

    verbs = {
        "dev": lambda rest: toolbox.become(toolbox.project() / "pql", "dev", *rest),
        "pql": lambda rest: toolbox.become(toolbox.project() / "pql", *rest),
        "test": gate.test,
        "validate": lambda _: gate.validate(),
        "audit": lambda _: inspection.audit(),
        "build": bundle.build,
        "rehearse": rehearsal.rehearse,
        "sam": bundle.sam,
        "lock": lambda _: locks.write(),
    }
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if verb not in verbs:
        print(__doc__)
        return 0 if verb in ("", "help", "-h", "--help") else 2
    try:
        return verbs[verb](rest)
    except toolbox.CannotError as error:
        print("infra: {}".format(error), file=sys.stderr)  # noqa: UP032 (as above)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        better = newer_python()
        if better is None:
            sys.exit("infra: this is Python {}.{}; 3.11 or newer is needed".format(*sys.version_info[:2]))
        os.execv(better, [better, str(Path(__file__).resolve().parent), *sys.argv[1:]])
    sys.exit(main(sys.argv[1:]))
