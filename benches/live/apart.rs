//! A separate process for each measurement, so that memory left by other contenders does not count.

use std::process::Command;

const VARIABLE: &str = "REVEILLE_BENCH_LIVE";

/// The task of this process, if another one started it.
pub(crate) fn task() -> Option<String> {
    std::env::var(VARIABLE).ok()
}

/// The figures that a process for this task prints.
pub(crate) fn figures(task: &str) -> Vec<u64> {
    let program = std::env::current_exe().expect("a program has a path");
    let output = Command::new(program).env(VARIABLE, task).output().expect("it starts");
    let (text, trouble) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{task}: {trouble}");
    text.split_whitespace().map(|word| word.parse().expect("a figure")).collect()
}
