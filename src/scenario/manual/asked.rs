//! A first scenario from a few answers of a person. Writes text; must not check it.

use std::fmt::Write as _;

/// The answers, as they were typed; an empty one takes the usual value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InitAnswers {
    /// A number.
    pub users: String,
    /// Platforms with their shares: `ios 60%, android 40%`.
    pub platforms: String,
    /// Sites with their shares and time zones: `london 60% Europe/London, lima 40% America/Lima`.
    pub sites: String,
    /// A local time of day.
    pub time: String,
    /// The title of the message.
    pub title: String,
}

/// One question: what is asked, and the usual answer.
pub const INIT_QUESTIONS: [(&str, &str); 5] = [
    ("How many users?", "1000"),
    ("Which platforms, with their shares?", "ios 60%, android 40%"),
    ("Which sites, with their shares and time zones? Such as london 60% Europe/London, lima 40% America/Lima", "none"),
    ("At what local time is the message sent?", "21:30"),
    ("What is its title?", "Offices closed tomorrow"),
];

impl InitAnswers {
    /// The scenario of this name.
    pub fn scenario(&self, name: &str) -> String {
        let [users, platforms, sites, time, title] =
            [(&self.users, 0), (&self.platforms, 1), (&self.sites, 2), (&self.time, 3), (&self.title, 4)]
                .map(|(answer, at)| if answer.trim().is_empty() { INIT_QUESTIONS[at].1 } else { answer.trim() });
        let users = users.replace([',', '.', ' ', '\u{a0}'], "");
        let mut text = format!(
            "# Written by `reveille init --ask`. `reveille forecast FILE --report FILE.html` makes a page of it.\n\
             schema = 1\nname = {}\nduration = \"36h\"\nreport = {{ windows = [\"15m\", \"1h\", \"08:00\"] }}\n\n\
             [fleet]\nusers = {users}\n",
            quoted(name)
        );
        let has_sites = !sites.eq_ignore_ascii_case("none");
        if has_sites {
            list(&mut text, "site", sites, |words| {
                let zone = words.get(2).map_or_else(String::new, |zone| format!(", timezone = {}", quoted(zone)));
                format!("name = {}, share = {}{zone}", quoted(words[0]), share(words.get(1).copied()))
            });
        }
        list(&mut text, "cohort", platforms, |words| {
            let platform = words[0].to_lowercase();
            let (name, share) = (quoted(&platform), share(words.get(1).copied()));
            format!("name = {name}, share = {share}, platform = {name}")
        });
        let (at, to) =
            if has_sites { (", zone = \"each\"", "{ site = \"all\" }") } else { ("", "{ groups = [\"All users\"] }") };
        let (time, title) = (quoted(time), quoted(title));
        write!(
            text,
            "\n[fleet.defaults]\npresence = \"day_and_night\"\n\n[[send]]\nname = \"message\"\n\
             at = {{ local = {time}{at} }}\nto = {to}\ntitle = {title}\nbody = \"Please read this.\"\n\n\
             [[expect]]\nname = \"by eight in the morning\"\nmetric = \"reach_eligible\"\nwithin = \"08:00\"\n\
             check = \">= 0.7\"\n"
        )
        .expect("a string takes all");
        text
    }
}

/// Writes an array of tables, one for each part of an answer between commas.
fn list(text: &mut String, key: &str, answer: &str, table: impl Fn(&[&str]) -> String) {
    writeln!(text, "{key} = [").expect("a string takes all");
    for part in answer.split(',') {
        let words: Vec<&str> = part.split_whitespace().collect();
        if !words.is_empty() {
            writeln!(text, "    {{ {} }},", table(&words)).expect("a string takes all");
        }
    }
    text.push_str("]\n");
}

/// A share: a percentage in quotes, a plain number as a percentage, or the whole.
fn share(word: Option<&str>) -> String {
    let word = word.unwrap_or("100%");
    let percent = if word.ends_with('%') { word.to_owned() } else { format!("{word}%") };
    quoted(&percent)
}

/// A text as TOML.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
