//! What `serve` prints at its start: its tenants, its addresses, and snippets to paste. Must contain words only.

use crate::rules::base::ids::DeviceIx;
use crate::rules::base::platform::Platform;
use crate::rules::base::profile::Profile;
use crate::rules::base::visible::one_line;
use crate::rules::model::world::World;
use crate::run::quoted;
use crate::server::graph::GraphTenant;

/// Quotes the words of a command for a language.
type Quoting = fn(&[String]) -> String;

/// Snippets by language, each with the quoting of a command's words.
const SNIPPETS: [(&str, &str, Quoting); 4] = [
    ("curl", include_str!("../../../config/snippets/curl.sh"), posix),
    ("PowerShell", include_str!("../../../config/snippets/powershell.ps1"), powershell),
    ("Python", include_str!("../../../config/snippets/python.py"), list),
    ("JavaScript", include_str!("../../../config/snippets/javascript.mjs"), list),
];

/// Words for a POSIX shell.
fn posix(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// Words for PowerShell: in single quotes it only doubles quotes, typographic ones included.
pub(super) fn powershell(words: &[String]) -> String {
    let is_plain =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./\\:".contains(c));
    let double = |c: char| if "'\u{2018}\u{2019}\u{201A}\u{201B}".contains(c) { vec![c, c] } else { vec![c] };
    let word = |word: &String| {
        if is_plain(word) { word.clone() } else { format!("'{}'", word.chars().flat_map(double).collect::<String>()) }
    };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// Words as a list of strings, which JSON, Python and JavaScript write alike; no shell splits them.
fn list(words: &[String]) -> String {
    serde_json::to_string(words).expect("a list of strings is JSON")
}

/// Two devices that can receive messages, if there are two: an iPhone and an Android phone if there are both.
pub(super) fn two_devices(world: &World) -> Vec<DeviceIx> {
    let fits = |device: DeviceIx, wanted: Option<Platform>| {
        let traits = world.fleet.traits(device);
        let fits = wanted.map_or(traits.platform.gateway().is_some(), |wanted| traits.platform == wanted);
        fits && traits.enrolled && traits.app.counts(world.profile, traits.platform)
    };
    let first =
        |wanted: Option<Platform>| (0..world.fleet.devices()).map(DeviceIx).find(|device| fits(*device, wanted));
    let mut found: Vec<DeviceIx> =
        [Platform::Ios, Platform::Android].into_iter().filter_map(|platform| first(Some(platform))).collect();
    if found.len() < 2 {
        let others = (0..world.fleet.devices()).map(DeviceIx).filter(|device| fits(*device, None));
        let more: Vec<DeviceIx> = others.filter(|device| !found.contains(device)).take(2 - found.len()).collect();
        found.extend(more);
    }
    found
}

/// The first lines about a tenant.
pub(crate) fn who(graph_tenant: &GraphTenant, speed: &str) -> String {
    let (world, graph_ids) = (graph_tenant.world(), graph_tenant.graph_ids());
    let (version, name, seed) = (env!("CARGO_PKG_VERSION"), &world.name, world.chance.seed());
    let profile = match world.profile {
        Profile::Intune2019 | Profile::Intune2025 => world.profile.name(),
    };
    let mut lines = vec![
        format!("reveille {version} · {} · profile {profile} · seed {seed} · speed {speed}", one_line(name)),
        format!("tenant {} · {} users · {} devices", graph_ids.tenant(), world.fleet.users(), world.fleet.devices()),
    ];
    for device in two_devices(world) {
        let platform = world.fleet.traits(device).platform.name();
        let name = world.fleet.device_name(device);
        lines.push(format!("device {} · {platform} · {}", graph_ids.device(device), one_line(&name)));
    }
    lines.join("\n")
}

/// The snippets for a tenant of a server at `base`; their tokens come from the given command.
pub(super) fn snippets(graph_tenant: &GraphTenant, base: &str, token_command: &[String]) -> String {
    let Some(device) =
        two_devices(graph_tenant.world()).first().map(|device| graph_tenant.graph_ids().device(*device).to_string())
    else {
        return "no device here takes messages".to_owned();
    };
    // The command is filled in last: a path in it may look like another placeholder.
    let filled = |text: &str, quoting: Quoting| {
        text.replace("{BASE}", base).replace("{DEVICE}", &device).replacen("{TOKEN}", &quoting(token_command), 1)
    };
    let each = SNIPPETS
        .iter()
        .map(|(language, text, quoting)| format!("--- {language}\n{}", filled(text, *quoting).trim_end()));
    each.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_one_word_in_every_language() {
        let words = ["reveille", "it's a \"test\" $(x).toml", "{DEVICE}"].map(str::to_owned);
        assert_eq!(shlex::split(&posix(&words)), Some(words.to_vec()));
        assert_eq!(powershell(&words), "reveille 'it''s a \"test\" $(x).toml' '{DEVICE}'");
        assert_eq!(serde_json::from_str::<Vec<String>>(&list(&words)).expect("it is a list"), words);
    }
}
