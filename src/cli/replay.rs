//! The command that runs the same again: what changes fates, and nothing else, each word safe for a POSIX shell.

use super::args::Overrides;

/// `reveille run FILE --seed N …`, or another sub-command.
pub(super) fn command(verb: &str, scenario: &str, seed: u64, overrides: &Overrides) -> String {
    let mut words = vec![format!("reveille {verb}"), quoted(scenario), format!("--seed {seed}")];
    words.extend(overrides.profile.iter().map(|profile| format!("--profile {}", quoted(profile))));
    words.extend(overrides.sets.iter().map(|set| format!("--set {}", quoted(set))));
    words.join(" ")
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
        let overrides = Overrides {
            seed: None,
            profile: Some("intune-2025".to_owned()),
            sets: vec!["send.closure.title=It's late".to_owned()],
        };
        assert_eq!(
            command("run", "my file.toml", 656, &overrides),
            r"reveille run 'my file.toml' --seed 656 --profile intune-2025 --set 'send.closure.title=It'\''s late'"
        );
    }
}
