//! Risk: fates change between two versions and `model_version` does not: baselines and partial results of an older program
//! are compared as if they were of the same model.

use std::fs;
use std::path::Path;

use reveille::outcome::MODEL_VERSION;

use crate::fixtures::drivers::try_world;
use crate::model::parity::{forecasted, smaller};

/// The model whose digests these are.
const OF_MODEL_VERSION: u32 = 1;
/// Every shipped scenario with a hundredth of its devices, and its digest.
const RECORDED: [(&str, &str); 28] = [
    ("app-removed", "ad64067bf489852c096f0453260c198a"),
    ("bad-weather", "aacdb3e2f8124feb6bcf57f3bf2f9c65"),
    ("closure", "b2b4c53498a126d01378ea7b1692cad8"),
    ("crashes", "9910c98507f91705e229a8fd06633deb"),
    ("delay", "c39cbc2c45abf9eeec50a969f7bd4aa5"),
    ("directory-lag", "be195866c162ce8a4756edb541ddc2fc"),
    ("duplicate", "d130712a0a3d1f8df02227b61482e3a0"),
    ("everything", "67940a8719eb09a6f75a5becb0fae8c4"),
    ("exported-tenant", "e40a5d587582c5b076e45187832b960e"),
    ("flood", "6a7342776ad8c0efca125c988794a336"),
    ("full-quota-day", "b9b4227161242194412c29c95f793a49"),
    ("help-desk-loop", "d08f34bc8d5b4e94cbfdb0bd2aac0250"),
    ("imported", "0283b7d61598c90a6bbad88f03fb8a3f"),
    ("joiners", "056a4b28391d808f667391640f9f0a78"),
    ("loss", "6bf3b3c12e5234afb678e8eb8faefa73"),
    ("loss-bursts", "1328fe39cc0925a61bcdc8e2222c8ffb"),
    ("million", "16936b9dfe3c5d5a9e838ef09b9926a6"),
    ("night-broadcast", "0c24352c81733881c7190730c6f76de8"),
    ("offline", "2eff8a620f14d96df8bf634f769a12c0"),
    ("outage-hold", "dbef107ee92d742e4aecfd6c06b99c1b"),
    ("outage-refuse", "2480582ba768d140ade8e0714cc55ef9"),
    ("permission-revoked", "a88352d91dee41d61c884849b9c3d0f6"),
    ("play-services-down", "ea7abc3843e1539f4ae2c143103eff05"),
    ("stalls", "3623ad15aadaba4b21bb79c154b0a611"),
    ("sure", "a0d88f1c36aa2e9cf2981082cc6dcb02"),
    ("three-offices", "d9a2e425a5119457d232d09d68cb517a"),
    ("throttle", "f8bbb40259a79eb2a85d1c55abaa1c35"),
    ("two-teams", "61cd796e569e2a4572112da5fb17fb49"),
];

#[test]
fn a_scenario_has_the_digest_that_was_recorded_for_this_model_version() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/scenarios");
    let mut names: Vec<String> = fs::read_dir(folder.clone())
        .expect("the scenarios are there")
        .map(|file| file.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .map(|path| path.file_stem().expect("a file has a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    let found: Vec<(String, String)> = names
        .into_iter()
        .map(|name| {
            let text = fs::read_to_string(folder.join(format!("{name}.toml"))).expect("a readable scenario");
            let world = try_world(&smaller(&text)).unwrap_or_else(|problems| panic!("{name}:\n{problems}"));
            (name, format!("{:032x}", forecasted(&world, 1, None).digest()))
        })
        .collect();
    let recorded = RECORDED.map(|(name, digest)| (name.to_owned(), digest.to_owned()));
    if (MODEL_VERSION, found.as_slice()) == (OF_MODEL_VERSION, &recorded) {
        return;
    }
    let lines: Vec<String> = found.iter().map(|(name, digest)| format!("    (\"{name}\", \"{digest}\"),")).collect();
    panic!(
        "the digests are not those of model version {OF_MODEL_VERSION}. Remedy: if only the text of a scenario changed, \
         copy its line; if a fate changed, raise MODEL_VERSION too:\n{}",
        lines.join("\n")
    );
}
