//! `init`: writes a scenario to start from: a commented one, a shipped one, or one from a few answers. Must not overwrite a
//! file.

use std::io::BufRead as _;

use super::args::definition::InitArgs;
use super::files::scenario_files;
use super::terminal::exit::Exit;
use super::terminal::writer::say;
use crate::run::quoted;
use crate::scenario::{INIT_QUESTIONS, InitAnswers, Overrides, Source, load, shipped, template};

/// The name in the template, which the new scenario's name replaces.
const TEMPLATE_NAME: &str = "\"my-scenario\"";
/// What a scenario gets whose file has no name that can be one.
const UNNAMED: &str = "my-scenario";

pub(super) fn init(args: &InitArgs) -> anyhow::Result<Exit> {
    let name = &args.name;
    let base = name.strip_suffix(".toml").unwrap_or(name);
    let path = format!("{base}.toml");
    let stem = base.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_plain = !stem.is_empty() && stem.chars().all(|c| c.is_alphanumeric() || "-_. ".contains(c));
    let named = if is_plain { stem } else { UNNAMED };
    let mut exports = Vec::new();
    let text = match &args.from {
        Some(example) => {
            let example = example.strip_prefix(shipped::PREFIX).unwrap_or(example);
            let (text, named) = shipped::copy(example).map_err(anyhow::Error::msg)?;
            exports = named;
            text
        }
        None if args.ask => {
            let text = asked()?.scenario(named);
            let source = Source::new(path.clone(), text.clone());
            if let Err(found) = load(&source, &mut |_| Err("nothing is included".to_owned()), &Overrides::default()) {
                anyhow::bail!("these answers make no scenario; nothing was written\n{found}");
            }
            text
        }
        None => template().replacen(TEMPLATE_NAME, &format!("\"{named}\""), 1),
    };
    let folder = base.strip_suffix(stem).unwrap_or_default();
    scenario_files::write_new(&path, &text)?;
    for (beside, export) in exports {
        scenario_files::write_beside(&format!("{folder}{beside}"), export)?;
    }
    let next = if args.ask { "forecast" } else { "run" };
    say(&format!("wrote {path}; next: reveille {next} {}", quoted(&path)));
    Ok(Exit::Well)
}

/// Asks for the answers, one line each, on standard error; the end of the input takes the usual ones.
fn asked() -> anyhow::Result<InitAnswers> {
    let mut lines = std::io::stdin().lock().lines();
    let mut answers: [String; INIT_QUESTIONS.len()] = std::array::from_fn(|_| String::new());
    for ((question, usual), answer) in INIT_QUESTIONS.iter().zip(&mut answers) {
        say(&format!("{question} [{usual}]"));
        *answer = lines.next().transpose()?.unwrap_or_default();
    }
    let [users, platforms, sites, time, title] = answers;
    Ok(InitAnswers { users, platforms, sites, time, title })
}
