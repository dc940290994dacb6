//! Risk: a frequent mistake of beginners is met by a message that names neither its place nor its remedy.

use std::fmt::Write as _;

use reveille::scenario::{self, Overrides, Source};

/// A scenario with one of everything that the mistakes need, one statement a line.
const GOOD: &str = "\
schema = 1
name = \"x\"
duration = \"4h\"
timezone = \"UTC\"
start = 2026-12-01T06:00:00Z
[fleet]
users = 100
[[fleet.cohort]]
name = \"phones\"
share = 1
platform = \"ios\"
presence = { offline = 0.1 }
[[send]]
name = \"news\"
at = \"30m\"
to = { groups = [\"All users\"] }
title = \"t\"
body = \"b\"
[[fault]]
name = \"bad\"
kind = \"loss\"
rate = \"5%\"
at = \"1h\"
[[expect]]
name = \"most\"
metric = \"reach\"
check = \"> 0.1\"
";

/// A mistake: the right line, the wrong one, and what the diagnostics must contain.
const MISTAKES: [(&str, &str, &str); 29] = [
    ("name = \"x\"", "name = “x”", "straight ones"),
    ("duration = \"4h\"", "duration = 4h", "in quotes: \"4h\""),
    ("duration = \"4h\"", "duration = 4", "\"4m\" or \"4h\""),
    ("duration = \"4h\"", "duration = \"4 hours\"", "write \"4h\""),
    ("duration = \"4h\"", "duration = \"10y\"", "write \"3650d\""),
    ("duration = \"4h\"", "duration = \"0.5h\"", "write \"30m\""),
    ("duration = \"4h\"", "duration: 4h", "TOML has `=`"),
    ("share = 1", "share = 60", "write \"60%\""),
    ("platform = \"ios\"", "platform = \"iOS\"", "did you mean \"ios\""),
    ("platform = \"ios\"", "platform = \"iphone\"", "did you mean \"ios\""),
    ("users = 100", "users = 3,500", "write 3500 or 3_500"),
    ("users = 100", "users = \"100\"", "without quotes"),
    ("users = 100", "users = 3.5e3", "a whole number"),
    ("[[send]]", "[send]", "write [[send]]"),
    ("timezone = \"UTC\"", "timezone = \"Paris\"", "did you mean `Europe/Paris`?"),
    ("timezone = \"UTC\"", "timezone = \"CET+1\"", "`CET"),
    ("[\"All users\"]", "[\"All Users\"]", "did you mean `All users`?"),
    ("[\"All users\"]", "[\"everyone\"]", "there is only `All users`"),
    (
        "title = \"t\"",
        "title = \"a title that is far longer than the fifty characters that the service takes\"",
        "at most 50",
    ),
    ("title = \"t\"", "from = \"it@contoso.example\"\ntitle = \"t\"", "the account that sends is `as`"),
    ("start = 2026-12-01T06:00:00Z", "start = \"01/12/2026 21:00\"", "2026-12-01T21:00:00Z"),
    ("start = 2026-12-01T06:00:00Z", "start = \"today\"", "choose another one with --start"),
    ("at = \"30m\"", "at = \"21:30\"", "at = { local = \"21:30\" }"),
    ("at = \"30m\"", "at = 2026-12-01T21:30:00Z", "at = { local = \"21:30\" }"),
    ("at = \"30m\"", "at = { local = \"21:30\" }", "15h30m after the start"),
    ("kind = \"loss\"", "kind = \"slow\"", "did you mean \"delay\""),
    ("kind = \"loss\"", "kind = \"loss\"\ntarget = \"firebase\"", "scope = { gateway = \"fcm\" }"),
    ("offline = 0.1", "offline = 5", "write \"5%\""),
    ("to = { groups = [\"All users\"] }", "to = \"All users\"", "groups = [\"All users\"]"),
];

pub(super) fn diagnostics(text: &str) -> String {
    match scenario::load(&Source::new("x.toml", text), &mut |_| Err(String::new()), &Overrides::default()) {
        Ok(loaded) => loaded.warnings.to_string(),
        Err(found) => found.to_string(),
    }
}

#[test]
fn frequent_mistakes_are_met_with_their_remedies() {
    assert_eq!(diagnostics(GOOD), "", "without a mistake there is nothing to say");
    let mut all = String::new();
    for (right, wrong, remedy) in MISTAKES {
        assert!(GOOD.contains(right), "{right}");
        let found = diagnostics(&GOOD.replacen(right, wrong, 1));
        assert!(found.contains(remedy), "{wrong} needs {remedy}:\n{found}");
        writeln!(all, "### {wrong}\n{found}").expect("a string takes all");
    }
    insta::assert_snapshot!("beginners", all);
}

#[test]
fn a_byte_order_mark_and_foreign_line_ends_are_no_mistakes() {
    assert_eq!(diagnostics(&format!("\u{feff}{}", GOOD.replace('\n', "\r\n"))), "");
}
