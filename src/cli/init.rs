//! `init`: writes a commented scenario to start from. Must not overwrite a file.

use crate::run::quoted;
use crate::scenario::template;

use super::files::scenario_files;
use super::terminal::exit::Exit;
use super::terminal::writer::say;

/// The name in the template, which the new scenario's name replaces.
const TEMPLATE_NAME: &str = "\"my-scenario\"";

pub(super) fn init(name: &str) -> anyhow::Result<Exit> {
    let base = name.strip_suffix(".toml").unwrap_or(name);
    let path = format!("{base}.toml");
    let stem = base.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_plain = !stem.is_empty() && stem.chars().all(|c| c.is_alphanumeric() || "-_. ".contains(c));
    let text =
        if is_plain { template().replacen(TEMPLATE_NAME, &format!("\"{stem}\""), 1) } else { template().to_owned() };
    scenario_files::write_new(&path, &text)?;
    say(&format!("wrote {path}; next: reveille run {}", quoted(&path)));
    Ok(Exit::Well)
}
