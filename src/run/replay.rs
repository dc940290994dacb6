//! The command that repeats a run: the arguments that change fates, and no others, each quoted for a POSIX shell. Only
//! arguments are kept and never the command itself, so that a file that contains them cannot choose the program to be
//! run.

use serde::{Deserialize, Serialize};

use super::partition::Shard;
use crate::outcome::compare::ranges::SeedSpan;
use crate::rules::base::profile::Profile;

/// Bytes of all arguments of a command: no system takes a longer one.
const WORDS_BYTES_MAX: usize = 2 << 20;

/// The profiles that a flag can name.
const PROFILES: [Profile; 2] = [Profile::Intune2019, Profile::Intune2025];

/// The path of a scenario, and its overrides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    scenario: String,
    profile: Option<String>,
    sets: Vec<String>,
    include_root: Option<String>,
}

/// Arguments in a file that are not those of a command of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its scenario's path and settings are not those of a command")]
pub struct ReplayError;

impl Replay {
    /// A scenario with its profile and its settings (`path=value`). Texts of messages in these are masked (R6): a text
    /// of x of the same length gives the same run, because only the length matters to a fate.
    pub fn new(scenario: &str, profile: Option<&str>, sets: &[String]) -> Self {
        let sets = sets.iter().map(|set| without_text(set)).collect();
        Self { scenario: path(scenario), profile: profile.map(str::to_owned), sets, include_root: None }
    }

    /// The same, with the folder from which includes may be read.
    #[must_use]
    pub fn within(self, include_root: Option<&str>) -> Self {
        Self { include_root: include_root.map(path), ..self }
    }

    /// `reveille run FILE --seed N …`, or another sub-command.
    pub fn command(&self, verb: &str, seed: u64) -> String {
        self.line(verb, &format!("--seed {seed}"))
    }

    /// The same for a range of seeds.
    pub fn of_seeds(&self, seeds: SeedSpan) -> String {
        self.line("forecast", &format!("--seeds {}..{}", seeds.first, seeds.last))
    }

    /// The command of a part of a forecast.
    pub fn of_shard(&self, seed: u64, shard: Shard) -> String {
        format!("{} --shard {shard} --report part-{}.rvl", self.command("forecast", seed), shard.number())
    }

    /// Checks whether these arguments, read from a file, can be those of a command of ours: none may be mistaken for an
    /// option.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub fn check(&self) -> Result<(), ReplayError> {
        let is_value = |word: &str| !word.is_empty() && !word.starts_with('-') && !word.contains('\0');
        let words = self.sets.iter().chain(&self.include_root).chain([&self.scenario]);
        let fits = (self.scenario == "-" || is_value(&self.scenario))
            && self.include_root.as_deref().is_none_or(is_value)
            && self.sets.iter().all(|set| is_value(set) && set.contains('='))
            && self.profile.as_deref().is_none_or(|name| PROFILES.iter().any(|known| known.name() == name))
            && words.map(String::len).sum::<usize>() <= WORDS_BYTES_MAX;
        if fits { Ok(()) } else { Err(ReplayError) }
    }

    fn line(&self, verb: &str, seeds: &str) -> String {
        self.flags(&format!("reveille {verb} {} {seeds}", quoted(&self.scenario)))
    }

    /// A command with the changes of the scenario behind it.
    pub fn flags(&self, command: &str) -> String {
        let mut words = vec![command.to_owned()];
        words.extend(self.profile.iter().map(|profile| format!("--profile {}", quoted(profile))));
        words.extend(self.sets.iter().map(|set| format!("--set {}", quoted(set))));
        words.extend(self.include_root.iter().map(|root| format!("--include-root {}", quoted(root))));
        words.join(" ")
    }
}

/// A path that no command can mistake for an option.
fn path(path: &str) -> String {
    if path.starts_with('-') && path != "-" { format!("./{path}") } else { path.to_owned() }
}

fn without_text(set: &str) -> String {
    match set.split_once('=') {
        Some((path, text)) if matches!(path.trim().rsplit('.').next(), Some("title" | "body")) => {
            let masked = text.encode_utf16().map(|unit| match char::from_u32(u32::from(unit)) {
                Some(kept) if kept.is_whitespace() || kept == '"' || kept == '\'' => kept,
                _ => 'x',
            });
            format!("{path}={}", masked.collect::<String>())
        }
        _ => set.to_owned(),
    }
}

/// A word quoted so that a POSIX shell reads it back; without quotes if it needs none.
pub fn quoted(word: &str) -> String {
    let is_plain = !word.is_empty()
        && !word.starts_with('=')
        && word.chars().all(|c| c.is_alphanumeric() || "-_./=:,%+@".contains(c));
    if is_plain {
        return word.to_owned();
    }
    // An argument contains no NUL; one in a foreign text cannot be quoted.
    let word = word.replace('\0', "\u{FFFD}");
    shlex::try_quote(&word).expect("there is no NUL").into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_what_a_shell_would_take_apart() {
        let replay = Replay::new("my file.toml", Some("intune-2025"), &["name=It's late".to_owned()]);
        assert_eq!(
            replay.within(Some("a b")).command("run", 656),
            "reveille run 'my file.toml' --seed 656 --profile intune-2025 --set \"name=It's late\" --include-root 'a b'"
        );
    }

    #[test]
    fn contains_no_text_of_a_message_r6() {
        let sets = ["send.closure.title=Fire 🔥".to_owned(), "send.closure.body=\"Run!\"".to_owned()];
        assert_eq!(
            Replay::new("a.toml", None, &sets).command("run", 1),
            "reveille run a.toml --seed 1 --set 'send.closure.title=xxxx xx' --set 'send.closure.body=\"xxxx\"'"
        );
    }

    #[test]
    fn words_that_would_be_options_or_no_setting_are_refused() {
        let good = Replay::new("a b.toml", Some("intune-2025"), &["seed=1".to_owned()]);
        assert_eq!(good.check(), Ok(()));
        assert_eq!(Replay::new("-", None, &[]).check(), Ok(()));
        let changes: [fn(&mut Replay); 6] = [
            |replay| replay.scenario = "--report=/etc/passwd".to_owned(),
            |replay| replay.scenario.clear(),
            |replay| replay.profile = Some("$(reboot)".to_owned()),
            |replay| replay.sets.push("--report".to_owned()),
            |replay| replay.include_root = Some("-x".to_owned()),
            |replay| replay.sets.push(format!("a={}", "x".repeat(WORDS_BYTES_MAX))),
        ];
        for change in changes {
            let mut bad = good.clone();
            change(&mut bad);
            assert_eq!(bad.check(), Err(ReplayError), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn a_shell_reads_back_what_was_quoted(words in proptest::collection::vec("[^\0]{0,12}", 1..4)) {
            let line = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(shlex::split(&line), Some(words));
        }
    }
}
