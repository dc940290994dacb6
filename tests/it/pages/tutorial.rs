//! Risk: the tutorial prints what the program no longer prints, or a command in it no longer works.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::fixtures::program::end_of;

/// Stands for lines that are left out.
const MORE: &str = "…";

/// A line without the parts that differ from run to run: wall-clock time, pairs a second, memory.
fn steady(line: &str) -> String {
    let part = |part: &str| match (part.split_once(" of model time in "), part.split_once(" forecasts in ")) {
        (Some((model, _)), _) => format!("{model} of model time in *"),
        (_, Some((many, _))) => format!("{many} forecasts in *"),
        _ if part.ends_with(" pairs/s") => "* pairs/s".to_owned(),
        _ if part.ends_with(" of memory at most") => "* of memory at most".to_owned(),
        _ => part.to_owned(),
    };
    line.trim().split(" · ").map(part).collect::<Vec<_>>().join(" · ")
}

/// Runs one command as a shell in `folder` would, with the built program first on the path.
fn shell(folder: &Path, command: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_reveille")).parent().expect("a program is in a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("bash");
    shell.args(["-c", command]).current_dir(folder).env("PATH", path).env_remove("NO_COLOR");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("REVEILLE_")) {
        shell.env_remove(name);
    }
    shell
}

/// Complains unless the lines that are shown are printed in this order; between those divided by `…` there may be
/// others.
fn assert_shown(command: &str, shown: &[&str], printed: &str) {
    let mut rest: Vec<String> = printed.lines().map(steady).collect();
    for segment in shown.split(|line| *line == MORE).filter(|segment| !segment.is_empty()) {
        let segment: Vec<String> = segment.iter().map(|line| steady(line)).collect();
        let found = rest.windows(segment.len()).position(|window| window == segment.as_slice());
        let at = found.unwrap_or_else(|| panic!("docs/tutorial.md is out of date. `{command}` prints\n{printed}"));
        rest.drain(..at + segment.len());
    }
}

#[test]
fn every_command_of_the_tutorial_prints_what_it_shows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/tutorial.md")).expect("there is docs/tutorial.md");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tutorial");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the tutorial");
    let (mut what, mut exit, mut commands) = (None, 0, 0);
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let comment = line.strip_prefix("<!-- ").and_then(|line| line.strip_suffix(" -->"));
        if let Some((word, rest)) = comment.and_then(|comment| comment.split_once(": ")) {
            match word {
                "exit" => exit = rest.parse().expect("an exit code"),
                "edit" => {
                    let (file, edit) = rest.split_once(": ").expect("a file, then an edit");
                    let (from, to) = edit.split_once(" => ").expect("a text, then another");
                    let text = fs::read_to_string(folder.join(file)).expect("a file to edit");
                    assert!(text.contains(from), "{file} has no `{from}`");
                    fs::write(folder.join(file), text.replace(from, to)).expect("the file can be written");
                }
                "file" | "append" => what = Some((word, rest)),
                _ => {}
            }
        }
        let Some(language) = line.strip_prefix("```").filter(|language| !language.is_empty()) else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if let Some((word, file)) = what.take() {
            let before =
                if word == "append" { fs::read_to_string(folder.join(file)).expect("a file") } else { String::new() };
            fs::write(folder.join(file), format!("{before}{}\n", block.join("\n"))).expect("the file can be written");
        } else if language == "console" {
            let (command, shown) = block.split_first().expect("a command");
            let command = command.strip_prefix("$ ").expect("a command follows a prompt");
            let said = end_of(&mut shell(&folder, command)).exits(std::mem::take(&mut exit));
            assert_shown(command, shown, if said.out.is_empty() { &said.err } else { &said.out });
            commands += 1;
        }
    }
    assert!(commands >= 15, "{commands}");
}
