//! The command that runs the same again: what changes fates, and nothing else, each word safe for a POSIX shell.

use crate::run::SeedSpan;

use super::args::Overrides;

/// `reveille run FILE --seed N …`, or another sub-command.
pub(super) fn command(verb: &str, scenario: &str, seed: u64, overrides: &Overrides) -> String {
    line(verb, scenario, &format!("--seed {seed}"), overrides)
}

/// The same for a range of seeds.
pub(super) fn of_seeds(scenario: &str, seeds: SeedSpan, overrides: &Overrides) -> String {
    line("forecast", scenario, &format!("--seeds {}..{}", seeds.first, seeds.last), overrides)
}

/// The same for a key that varies.
pub(super) fn of_axis(scenario: &str, seed: u64, overrides: &Overrides, axis: &str) -> String {
    format!("{} --vary {}", command("forecast", scenario, seed, overrides), quoted(axis))
}

fn line(verb: &str, scenario: &str, seeds: &str, overrides: &Overrides) -> String {
    let mut words = vec![format!("reveille {verb}"), quoted(scenario), seeds.to_owned()];
    words.extend(overrides.profile.iter().map(|profile| format!("--profile {}", quoted(profile))));
    words.extend(overrides.sets.iter().map(|set| format!("--set {}", quoted(&without_text(set)))));
    words.join(" ")
}

/// The command, with the same questions about what faults cost.
pub(super) fn with_contrasts(command: String, faults: &[String]) -> String {
    faults.iter().fold(command, |command, fault| format!("{command} --without {}", quoted(fault)))
}

/// R6: a report never has a title or a body. As many x in its place run the same again: only the length matters to a fate.
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

fn quoted(word: &str) -> String {
    let is_plain = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "-_./=:,%+@".contains(c));
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_a_shell_would_take_apart() {
        let overrides =
            Overrides { seed: None, profile: Some("intune-2025".to_owned()), sets: vec!["name=It's late".to_owned()] };
        assert_eq!(
            command("run", "my file.toml", 656, &overrides),
            r"reveille run 'my file.toml' --seed 656 --profile intune-2025 --set 'name=It'\''s late'"
        );
    }

    #[test]
    fn says_no_text_of_a_message_r6() {
        let sets = vec!["send.closure.title=Fire 🔥".to_owned(), "send.closure.body=\"Run!\"".to_owned()];
        let overrides = Overrides { seed: None, profile: None, sets };
        assert_eq!(
            command("run", "a.toml", 1, &overrides),
            "reveille run a.toml --seed 1 --set 'send.closure.title=xxxx xx' --set 'send.closure.body=\"xxxx\"'"
        );
    }
}
