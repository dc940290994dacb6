# Shortcuts for work on the code. The whole check is `tests/all`; nothing here replaces it.
# https://just.systems is the program that reads this file; each line also works when it is typed by hand.

set shell := ["bash", "-euo", "pipefail", "-c"]

# The integration tests that fail first when code or documents move.
near := "architecture readme pages diagnostics examples parity determinism conservation shipped"

# What the recipes are.
default:
    @just --list

# The quick gate: format, lints, unit tests, the nearest integration tests.
quick: format lint unit nearest

# Is everything formatted?
format:
    cargo fmt --check

# Clippy over everything, warnings denied.
lint:
    cargo clippy --locked --all-targets -- -D warnings

# Unit tests, which stand in the files of `src/`.
unit:
    cargo test --locked --lib

# Integration tests by the beginnings of their names.
nearest filters=near:
    cargo test --locked --test it -- {{ filters }}

# One integration test file, or one test: `just test graph_sending`.
test name:
    cargo test --locked --test it -- {{ name }}

# Pages that are generated from the code, written anew; look at what changed.
pages:
    REVEILLE_WRITE_PAGES=1 cargo test --locked --test it -- pages diagnostics

# Everything, as the build server runs it.
all:
    tests/all
