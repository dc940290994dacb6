//! Risk: a scenario with mistakes makes the program panic, hang or exhaust the machine. Ten thousand wrong files, made
//! from right ones by a seed, go through the built program.

use std::fs;
use std::path::Path;

use rand::RngExt;
use reveille::rules::base::chance::{Chance, Purpose, Stream};
use reveille::rules::base::ids::Key;

use crate::fixtures::program::{Folder, end_of, program};

const FILES: u64 = 10_000;
/// Files of one run of the program; the next run overwrites them.
const FILES_AT_ONCE: u64 = 500;
/// Memory of a run, in kB: enough for a fleet of millions, and far less than a machine has.
const MEMORY_KB_MAX: u64 = 4_000_000;

/// Replacements for parts of a file: numbers around every limit, broken TOML, and meaningless words.
const ODDITIES: [&str; 24] = [
    "-1",
    "0",
    "1e9",
    "99999999999999999999",
    "0.0000000001",
    "1.5",
    "\"101%\"",
    "\"40000d\"",
    "\"1h1h\"",
    "\"0ms\"",
    "\"24:60\"",
    "nan",
    "inf",
    "true",
    "[]",
    "{}",
    "[[",
    "\"\u{1F525}\u{e9}\0\"",
    "\"",
    "=",
    "2026-02-30T00:00:00Z",
    "\"in [1, 0]\"",
    "\"fault:\"",
    "\"label:\"",
];

struct Dice(Stream);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..n as u32) as usize
    }

    /// A text with one to five mistakes.
    fn mutate(&mut self, text: &str, words: &[&str]) -> String {
        let mut lines: Vec<String> = text.lines().map(|line| line.trim_start_matches("#: ").to_owned()).collect();
        for _ in 0..=self.below(5) {
            let at = self.below(lines.len());
            match self.below(8) {
                0 => drop(lines.remove(at)),
                1 => {
                    let twice = lines[at].clone();
                    lines.insert(self.below(lines.len()), twice);
                }
                2 => {
                    let other = self.below(lines.len());
                    lines.swap(at, other);
                }
                3 => lines.truncate(at + 1),
                4 => {
                    let mut letters: Vec<char> = lines[at].chars().collect();
                    let place = self.below(letters.len() + 1);
                    let put = ODDITIES[self.below(ODDITIES.len())];
                    letters.splice(place..place, put.chars());
                    lines[at] = letters.into_iter().collect();
                }
                _ => {
                    let mut parts: Vec<&str> = lines[at].split(' ').collect();
                    let place = self.below(parts.len());
                    parts[place] = match self.below(3) {
                        0 => ODDITIES[self.below(ODDITIES.len())],
                        1 => words[self.below(words.len())],
                        _ => "",
                    };
                    lines[at] = parts.join(" ");
                }
            }
            if lines.is_empty() {
                lines.push(String::new());
            }
        }
        lines.join("\n")
    }
}

/// Valid scenarios of every kind, none of them large.
pub(crate) fn bases() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let paths = [
        "config/template.toml",
        "config/scenarios/everything.toml",
        "config/scenarios/imported.toml",
        "config/scenarios/joiners.toml",
        "config/scenarios/night-broadcast.toml",
        "config/scenarios/two-teams.toml",
        "tests/it/model/examples/profile_2025.toml",
        "tests/it/model/examples/x10_scope_groups.toml",
    ];
    paths.map(|path| fs::read_to_string(root.join(path)).expect("a scenario can be read")).to_vec()
}

/// The file of a number: one of the bases with mistakes.
pub(crate) fn mutated(number: u64, bases: &[String]) -> String {
    let words: Vec<&str> = bases.iter().flat_map(|text| text.split_whitespace()).collect();
    let mut dice = Dice(Chance::new(number).stream(Purpose::Plan, Key(1)));
    let base = &bases[dice.below(bases.len())];
    dice.mutate(base, &words)
}

#[test]
fn ten_thousand_wrong_scenarios_are_reported_and_break_nothing() {
    let bases = bases();
    let folder = Folder::new("mutations");
    let (mut well, mut wrong) = (0, 0);
    for first in (0..FILES).step_by(usize::try_from(FILES_AT_ONCE).expect("a few")) {
        let names: Vec<String> = (0..FILES_AT_ONCE).map(|at| format!("{at}.toml")).collect();
        for (number, name) in (first..).zip(&names) {
            folder.write(name, &mutated(number, &bases));
        }
        let arguments: Vec<&str> = ["check"].into_iter().chain(names.iter().map(String::as_str)).collect();
        let said = end_of(&mut limited(&folder, &arguments, MEMORY_KB_MAX));
        let end = said.err.chars().rev().take(2_000).collect::<Vec<_>>().into_iter().rev().collect::<String>();
        assert!(matches!(said.code, Some(0 | 2)), "files {first} and on: exit code {:?}\n{end}", said.code);
        assert!(!said.err.contains("panicked"), "{end}");
        well += said.err.lines().filter(|line| line.contains(".toml: all well")).count() as u64;
        wrong += said.err.lines().filter(|line| line.contains(".toml cannot be used: ")).count() as u64;
    }
    assert_eq!(well + wrong, FILES, "each file is told of");
    assert!(well > FILES / 20 && wrong > FILES / 2, "{well} are still right and {wrong} wrong: both kinds were tried");
}

/// The program under a limit of its address space, in kB, where the system has such limits.
pub(crate) fn limited(folder: &Folder, arguments: &[&str], memory_kb_max: u64) -> std::process::Command {
    let plain = program(folder.path(), arguments);
    if !cfg!(target_os = "linux") {
        return plain;
    }
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &format!("ulimit -v {memory_kb_max} && exec \"$0\" \"$@\"")]);
    shell.arg(plain.get_program()).args(plain.get_args()).current_dir(folder.path()).stdin(std::process::Stdio::null());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}
