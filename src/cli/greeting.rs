//! What `serve` says at its start: who it is, where it is, and lines to paste. Only words.

use crate::api::Face;
use crate::rules::ids::DeviceIx;
use crate::rules::platform::Platform;
use crate::rules::profile::Profile;
use crate::rules::world::World;

/// Lines to paste, by language.
const SNIPPETS: [(&str, &str); 4] = [
    ("curl", include_str!("../../config/snippets/curl.sh")),
    ("PowerShell", include_str!("../../config/snippets/powershell.ps1")),
    ("Python", include_str!("../../config/snippets/python.py")),
    ("JavaScript", include_str!("../../config/snippets/javascript.mjs")),
];

/// Two devices that take messages, an iPhone and an Android phone where there are both.
pub(super) fn two_devices(world: &World) -> Vec<DeviceIx> {
    let first = |wanted: Option<Platform>| {
        (0..world.fleet.devices()).map(DeviceIx).find(|device| {
            let traits = world.fleet.traits(*device);
            let fits = wanted.map_or(traits.platform.gateway().is_some(), |wanted| traits.platform == wanted);
            fits && traits.enrolled && traits.app.counts(world.profile, traits.platform)
        })
    };
    let mut found: Vec<DeviceIx> =
        [Platform::Ios, Platform::Android].into_iter().filter_map(|platform| first(Some(platform))).collect();
    if found.is_empty() {
        found.extend(first(None));
    }
    found
}

/// The first lines about a tenant.
pub(super) fn who(face: &Face, speed: &str) -> String {
    let (world, roll) = (face.world(), face.roll());
    let (version, name, seed) = (env!("CARGO_PKG_VERSION"), &world.name, world.chance.seed());
    let profile = match world.profile {
        Profile::Intune2019 | Profile::Intune2025 => world.profile.name(),
    };
    let mut lines = vec![
        format!("reveille {version} · {name} · profile {profile} · seed {seed} · speed {speed}"),
        format!("tenant {} · {} users · {} devices", roll.tenant(), world.fleet.users(), world.fleet.devices()),
    ];
    for device in two_devices(world) {
        let platform = world.fleet.traits(device).platform.name();
        lines.push(format!("device {} · {platform} · {}", roll.device(device), world.fleet.device_name(device)));
    }
    lines.join("\n")
}

/// The snippets for a tenant of a server at `base`, whose tokens come from `token_command`.
pub(super) fn snippets(face: &Face, base: &str, token_command: &str) -> String {
    let Some(device) = two_devices(face.world()).first().map(|device| face.roll().device(*device).to_string()) else {
        return "no device here takes messages".to_owned();
    };
    let filled = |text: &str| {
        text.replace("{BASE}", base).replace("{DEVICE}", &device).replace("{TOKEN_COMMAND}", token_command)
    };
    let each = SNIPPETS.iter().map(|(language, text)| format!("--- {language}\n{}", filled(text).trim_end()));
    each.collect::<Vec<_>>().join("\n")
}
