//! Risk: a printed snippet does not work when it is pasted.

use std::path::Path;
use std::process::Command;

use crate::fixtures::caller::Served;
use crate::fixtures::program::{end_of, get, look};

/// The snippet of a language in the output, up to the next one or the metrics line.
fn printed<'s>(said: &'s str, language: &str) -> &'s str {
    let (_, rest) = said.split_once(&format!("--- {language}\n")).unwrap_or_else(|| panic!("no {language} in {said}"));
    let end = ["\n--- ", "\nmetrics at "].into_iter().filter_map(|mark| rest.find(mark)).min();
    &rest[..end.unwrap_or(rest.len())]
}

fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

#[test]
fn every_snippet_sends_a_message_as_it_is_printed() {
    let served = Served::start("graph_snippets", None, &["--snippets"]);
    let folder = &served.folder;
    let said = served.running.said().to_owned();
    let built = Path::new(env!("CARGO_BIN_EXE_reveille")).parent().expect("it lies in a folder").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([built].into_iter().chain(std::env::split_paths(&path))).expect("a path");
    for (language, program, file, answer) in [
        ("curl", "bash", "snippet.sh", "HTTP/1.1 204"),
        ("Python", "python3", "snippet.py", "204"),
        ("JavaScript", "node", "snippet.mjs", "204"),
    ] {
        folder.write(file, printed(&said, language));
        let mut command = Command::new(program);
        command.arg(file).current_dir(folder.path()).env("PATH", &path);
        assert!(is_there(program), "`{program}` is missing. Remedy: install it; tests/all says how");
        let ended = end_of(&mut command).exits(0);
        assert!(ended.out.contains(answer), "{language}: {}{}", ended.out, ended.err);
    }
    look("what was sent is counted", || {
        get(&served.metrics, "/metrics").contains("reveille_messages_accepted_total{kind=\"device\"} 3\n").then_some(())
    });
    assert!(printed(&said, "PowerShell").contains("Invoke-RestMethod"));
}
