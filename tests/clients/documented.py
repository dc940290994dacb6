"""The fixtures and tests of docs/testing.md, run by the real pytest and vitest as they stand on the page."""

import os
import re
import subprocess
import sys

LINES_MAX = 8


def blocks(page, language):
    """The code of the page in one language: the fixture, and the test with the imports of both."""
    found = dict(re.findall(rf"^```{language} (fixture|test)\n(.*?)^```$", page, re.M | re.S))
    fixture = found["fixture"]
    assert len(fixture.splitlines()) <= LINES_MAX, f"the fixture in {language} has more than {LINES_MAX} lines"
    return fixture, found["test"]


def whole(page, language, border):
    """One file: imports, then the fixture, then the test, which begins after the line `border`."""
    fixture, test = blocks(page, language)
    imports, rest = test.split(border, 1)
    return f"{imports}{border}{fixture}\n\n{rest}"


def run(command, environment):
    print("+", *command, flush=True)
    subprocess.run(command, check=True, env=environment)


def main():
    program, page = os.path.abspath(sys.argv[1]), sys.argv[2]
    with open(page, encoding="utf-8") as file:
        text = file.read()
    here = os.path.dirname(os.path.abspath(__file__))
    environment = {**os.environ, "PATH": os.path.dirname(program) + os.pathsep + os.environ["PATH"]}
    for name, language, border in [("test_documented.py", "python", "\n\n\n"), ("documented.test.mjs", "js", "\n\n")]:
        with open(os.path.join(here, name), "w", encoding="utf-8") as file:
            file.write(whole(text, language, border))
    os.chdir(here)
    run([sys.executable, "-m", "pytest", "--quiet", "--rootdir", here, "test_documented.py"], environment)
    run([os.path.join("node_modules", ".bin", "vitest"), "run", "documented.test.mjs"], environment)


main()
