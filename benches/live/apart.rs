//! A process of its own for whoever is measured: what others have left in memory is not measured with it.

use std::process::Command;

const VARIABLE: &str = "REVEILLE_BENCH_LIVE";

/// What this process was started for, if it was started by another.
pub(crate) fn task() -> Option<String> {
    std::env::var(VARIABLE).ok()
}

/// The figures that a process prints which is started for this.
pub(crate) fn figures(task: &str) -> Vec<u64> {
    let program = std::env::current_exe().expect("a program has a path");
    let output = Command::new(program).env(VARIABLE, task).output().expect("it starts");
    let (text, trouble) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{task}: {trouble}");
    text.split_whitespace().map(|word| word.parse().expect("a figure")).collect()
}
