//! Risk: a text or a file from outside has effects: it colours a terminal, forges a line of a log, or has a file
//! printed that is not the scenario's.

use std::fs;

use reveille::rules::base::visible::is_seen;
use serde_json::Value;

use crate::fixtures::program::{Folder, Said, end_of, program};

/// Characters that a name may contain: sequences that clear a screen, set a title and paste; marks that turn the
/// reading direction; line ends.
const EVIL: &str = "x\\u001b[2J\\u001b]0;t\\u0007\\u009b31m\\u202e\\u2066\\u200b\\r\\n::error::forged";

fn scenario(name: &str) -> String {
    format!(
        "schema = 1\nname = \"{name}\"\nduration = \"30m\"\n[[user]]\nname = \"{name}\"\n[[device]]\nname = \"{name}\"\n\
         user = \"{name}\"\nplatform = \"ios\"\nlabels = {{ a = \"{name}\" }}\n[[group]]\nname = \"{name}\"\nusers = [\"{name}\"]\n\
         [[send]]\nname = \"{name}\"\nat = \"1m\"\nto = {{ groups = [\"{name}\"] }}\ntitle = \"t\"\nbody = \"b\"\n\
         [[fault]]\nname = \"{name}\"\nkind = \"outage\"\nat = \"20m\"\nfor = \"1m\"\n\
         [[expect]]\nname = \"{name}\"\nmetric = \"reach\"\nwithin = \"1m\"\ncheck = \">= 1\"\n"
    )
}

/// The output has only visible characters, and no forged line.
#[track_caller]
fn assert_clean(said: &Said) {
    for text in [&said.out, &said.err] {
        let unseen: Vec<char> = text.chars().filter(|c| *c != '\n' && !is_seen(*c)).collect();
        assert!(unseen.is_empty(), "{unseen:?} in\n{text:?}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::error::")), "{text}");
    }
}

#[test]
fn names_of_a_scenario_are_escaped_on_a_terminal() {
    let folder = Folder::new("outside-names");
    folder.write("evil.toml", &scenario(EVIL));
    folder.write("wrong.toml", &scenario(EVIL).replace("platform = \"ios\"", "platform = \"\\u001b[2J\\u202e\""));
    let set = "send.x\u{1b}[2J.at=\u{202e}";
    for arguments in [
        &["forecast", "evil.toml"][..],
        &["run", "evil.toml", "--speed", "max"],
        &["forecast", "evil.toml", "--report", "-"],
        &["forecast", "evil.toml", "--seeds", "1..2"],
        &["forecast", "evil.toml", "--vary", "fleet.users=1..2"],
        &["forecast", "evil.toml", "--set", set],
        &["check", "evil.toml"],
        &["check", "evil.toml", "--plan"],
        &["check", "evil.toml", "--resolved"],
        &["check", "evil.toml", "--format", "json"],
        &["check", "wrong.toml"],
        &["check", "wrong.toml", "--format", "json"],
        &["check", "nowhere\u{1b}[2J\u{202e}.toml"],
        &["explain", "evil.toml", "--device", "a\u{1b}[2J", "--message", "\u{202e}"],
        &["run", "evil.toml", "--unknown\u{1b}[2J"],
        &["run", "evil.toml", "--log-format", "json", "-vv", "--speed", "max"],
        &["merge", "nowhere\u{1b}[2J.rvl"],
        &["token", "--as", "intern\u{1b}[2J", "--scenario", "evil.toml"],
    ] {
        assert_clean(&folder.run(arguments));
    }
}

#[test]
fn only_our_own_colours_are_written_where_colours_are_wanted() {
    let folder = Folder::new("outside-colours");
    let name = "pink\\u001b[31mname";
    folder.write("pink.toml", &scenario(name));
    for arguments in
        [&["forecast", "pink.toml"][..], &["check", "pink.toml", "--plan"], &["forecast", "pink.toml", "--report", "-"]]
    {
        let said = folder.run(&[arguments, &["--color", "always"]].concat());
        // The report replaces a control character by a space, and JSON escapes it.
        let is_told =
            ["pink [31mname", "pink\\u{1b}[31mname", "pink\\u001b[31mname"].iter().any(|name| said.out.contains(name));
        assert!(is_told, "{}", said.out);
        assert!(!said.out.contains("pink\u{1b}") && !said.err.contains("pink\u{1b}"), "{}{}", said.out, said.err);
        assert!(format!("{}{}", said.out, said.err).contains("\u{1b}["), "there are colours");
    }
}

#[test]
fn a_document_on_standard_output_says_the_same_as_its_file() {
    let folder = Folder::new("outside-json");
    folder.write("evil.toml", &scenario(EVIL));
    let said = folder.run(&["forecast", "evil.toml", "--report", "-", "--report", "file.json"]).exits(99);
    let mut shown: Value = serde_json::from_str(&said.out).expect("it is JSON");
    let mut file = folder.json("file.json");
    for key in ["wall_ms", "pairs_per_second", "peak_rss_bytes"] {
        (shown[key], file[key]) = (Value::Null, Value::Null);
    }
    assert_eq!(shown, file);
    let name = file["scenario"].as_str().expect("a name");
    assert!(name.contains('\u{1b}') && name.contains('\u{202e}'), "{name:?}");
    let resolved = folder.run(&["check", "evil.toml", "--resolved"]).exits(0).out;
    folder.write("again.toml", &resolved);
    let again = folder.run(&["forecast", "again.toml", "--report", "again.json"]).exits(99);
    assert_clean(&again);
    assert_eq!(folder.json("again.json")["digest"], file["digest"]);
}

const ROOT: &str = "schema = 1\nname = \"t\"\nduration = \"1h\"\n[fleet]\nusers = 3\n";
/// Content that must not be printed.
const SECRET: &str = "root:$6$hunter2:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n";

/// A folder with a secret beside the folder of the scenario.
fn besides(name: &str) -> Folder {
    let folder = Folder::new(name);
    fs::create_dir_all(folder.path().join("inner/deep")).expect("a folder can be made");
    folder.write("secret", SECRET);
    folder.write("outer.toml", "[delivery.apns]\nloss = \"1%\"\n");
    folder.write("inner/own.toml", "[delivery.fcm]\nloss = \"1%\"\n");
    folder.write("inner/deep/back.toml", "include = [\"../own.toml\"]\n");
    folder
}

#[track_caller]
fn assert_refused(said: Said, words: &[&str]) {
    let said = said.exits(2);
    for word in words {
        assert!(said.err.contains(word), "`{word}` is not in:\n{}", said.err);
    }
    assert!(!said.err.contains("hunter2") && !said.err.contains("daemon"), "{}", said.err);
}

#[cfg(unix)]
#[test]
fn files_outside_the_scenarios_folder_are_not_read() {
    use std::os::unix::fs::symlink;
    let folder = besides("outside-includes");
    symlink("../secret", folder.path().join("inner/link.toml")).expect("a link can be made");
    symlink("..", folder.path().join("inner/up")).expect("a link can be made");
    let remedy = "`--include-root DIR`";
    let outside = "it lies outside the scenario's folder";
    for (path, words) in [
        ("../secret", [outside, remedy]),
        ("../nothing-there", [outside, remedy]),
        ("../outer.toml", [outside, remedy]),
        ("link.toml", [outside, remedy]),
        ("up/outer.toml", [outside, remedy]),
        ("deep/../../outer.toml", [outside, remedy]),
        ("/etc/passwd", ["an include is a path relative to this file", "inner/t.toml:1:"]),
    ] {
        folder.write("inner/t.toml", &format!("include = [\"{path}\"]\n{ROOT}"));
        for arguments in [
            &["check", "inner/t.toml"][..],
            &["forecast", "inner/t.toml"],
            &["run", "inner/t.toml"],
            &["explain", "inner/t.toml", "--device", "user-1.1", "--message", "s"],
            &["serve", "--scenario", "inner/t.toml", "--listen", "127.0.0.1:0"],
            &["token", "--as", "administrator", "--scenario", "inner/t.toml"],
        ] {
            assert_refused(folder.run(arguments), &words);
        }
    }
    folder.write("inner/t.toml", &format!("include = [\"deep/back.toml\"]\n{ROOT}"));
    folder.run(&["check", "inner/t.toml"]).exits(0);
    folder.write("inner/t.toml", &format!("include = [\"../outer.toml\", \"own.toml\"]\n{ROOT}"));
    folder.run(&["check", "inner/t.toml", "--include-root", "."]).exits(0);
    folder.run(&["check", "inner/t.toml", "--include-root", "inner"]).exits(2);
    assert_refused(folder.run(&["check", "inner/t.toml", "--include-root", "none"]), &["--include-root none: no such"]);
    assert_refused(folder.run(&["check", "inner/t.toml", "--include-root", "secret"]), &["it is no directory"]);
    folder.write("inner/t.toml", &format!("{ROOT}[[fleet.import]]\nfile = \"../secret.csv\"\n"));
    folder.write("secret.csv", SECRET);
    assert_refused(folder.run(&["check", "inner/t.toml"]), &[outside, remedy, "cannot read inner/../secret.csv"]);
}

#[test]
fn a_scenario_from_standard_input_includes_files_below_the_current_folder() {
    use std::io::Write as _;
    let folder = besides("outside-stdin");
    for (path, code) in [("own.toml", 0), ("deep/back.toml", 0), ("../outer.toml", 2)] {
        let mut command = program(&folder.path().join("inner"), &["check", "-"]);
        let mut child = command
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the program starts");
        let text = format!("include = [\"{path}\"]\n{ROOT}");
        child.stdin.take().expect("it is a pipe").write_all(text.as_bytes()).expect("it parses");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(code), "{path}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[cfg(unix)]
#[test]
fn no_line_of_a_file_without_the_toml_ending_is_quoted() {
    let folder = besides("outside-lines");
    folder.write("inner/shadow", SECRET);
    folder.write("inner/list.csv", SECRET);
    folder.write("inner/list.json", &format!("[{SECRET}"));
    folder.write("inner/t.toml", &format!("include = [\"shadow\"]\n{ROOT}"));
    assert_refused(folder.run(&["check", "inner/t.toml"]), &["[S002 syntax]", "inner/shadow:1:5"]);
    for name in ["list.csv", "list.json"] {
        folder.write("inner/t.toml", &format!("{ROOT}[[fleet.import]]\nfile = \"{name}\"\n"));
        assert_refused(folder.run(&["check", "inner/t.toml"]), &["[S019 export]", &format!("inner/{name}:1:")]);
    }
    assert_refused(folder.run(&["check", "inner/shadow"]), &["[S002 syntax]", "inner/shadow:1:5"]);
    std::os::unix::fs::symlink("../secret", folder.path().join("inner/link.toml")).expect("a link can be made");
    assert_refused(folder.run(&["check", "inner/link.toml"]), &["[S002 syntax]", "inner/link.toml:1:5"]);
    folder.write("inner/slip.toml", "schema = 1\nname = x\n");
    let said = folder.run(&["check", "inner/slip.toml"]).exits(2);
    assert!(said.err.contains("name = x") && said.err.contains('^'), "a scenario's own lines are: {}", said.err);
}

#[cfg(unix)]
#[test]
fn pipes_devices_and_folders_are_refused_before_they_are_opened() {
    let folder = besides("outside-kinds");
    let made = end_of(std::process::Command::new("mkfifo").args(["pipe", "inner/pipe"]).current_dir(folder.path()));
    assert_eq!(made.code, Some(0), "mkfifo is there");
    folder.write("t.toml", ROOT);
    folder.write("inner/t.toml", &format!("include = [\"pipe\"]\n{ROOT}"));
    folder.write("inner/i.toml", &format!("{ROOT}[[fleet.import]]\nfile = \"deep\"\n"));
    for (arguments, words) in [
        (&["check", "pipe"][..], ["cannot read pipe: it is a pipe", "as `-`"]),
        (&["run", "/dev/zero"], ["cannot read /dev/zero: it is a device", "not a regular file"]),
        (&["forecast", "inner"], ["cannot read inner: it is a directory", "not a regular file"]),
        (&["check", "inner/t.toml"], ["cannot read inner/pipe", "it is a pipe"]),
        (&["check", "inner/i.toml"], ["cannot read inner/deep", "it is a directory"]),
        (&["forecast", "t.toml", "--baseline", "pipe"], ["--baseline pipe: it is a pipe", "not a regular file"]),
        (&["merge", "pipe"], ["pipe is not a part of a forecast: it is a pipe", "not a regular file"]),
        (&["merge", "/dev/zero"], ["/dev/zero is not a part of a forecast: it is a device", "not a regular file"]),
    ] {
        assert_refused(folder.run(arguments), &words);
    }
}

#[test]
fn a_replayed_command_names_a_path_with_spaces_and_signs_as_one_word() {
    let folder = Folder::new("outside-replay");
    let name = "it's a $(touch owned) \"test\".toml";
    folder.write(name, ROOT);
    let said = folder.run(&["forecast", name, "--include-root", ".", "--report", "r.json"]).exits(0);
    let replay = folder.json("r.json")["replay"].as_str().expect("a command").to_owned();
    let words = ["reveille", "forecast", name, "--seed", "1", "--include-root", "."].map(str::to_owned);
    assert_eq!(shlex::split(&replay), Some(words.to_vec()), "{}", said.out);
}
