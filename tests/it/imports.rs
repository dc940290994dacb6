//! Risk: a fleet from an export holds a device that the export does not tell of, lacks one in silence, or breaks on a bad file.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use proptest::prelude::*;
use reveille::rules::chance::Ratio;
use reveille::rules::ids::{DeviceIx, UserIx};
use reveille::rules::platform::Platform;
use reveille::rules::traits::Enrollment;
use reveille::run::{ForecastOptions, ForecastProgress, Merge, Part, PartFacts, Replay, Shard, forecast};
use reveille::scenario::{self, Diagnostics, Loaded, Overrides, Source};

use crate::drivers::folded;

const HEAD: &str = "schema = 1\nname = \"t\"\nduration = \"1h\"\n";
/// What no export tells, so that only the gaps of the export itself are warned of.
const TOLD: &str = "app = \"both\"\napp_outdated = false\npush_permission = true\nplay_services = true\n\
                    force_stopped = false\nbattery_restricted = false\nnotification_access = false\nlocked = true\n\
                    foreground = false\nlock_screen = \"full\"\npresence = \"online\"\nattention = \"never\"\n";
const SEND: &str =
    "[[send]]\nname = \"s\"\nat = \"1m\"\nto = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n";

fn load(text: &str, files: &[(&str, &str)], sets: &[&str]) -> Result<Loaded, Diagnostics> {
    let overrides = Overrides { sets: sets.iter().map(ToString::to_string).collect(), ..Overrides::default() };
    let mut read = |path: &str| {
        let found = files.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "no such file".to_owned())
    };
    scenario::load(&Source::new("s/t.toml", text), &mut read, &overrides)
}

fn import(file: &str) -> String {
    format!("{HEAD}[[fleet.import]]\nfile = \"{file}\"\n{TOLD}")
}

/// Everything that is said of a scenario with one import; plain latencies, so that no table is made for each.
fn said(file: &str, text: &str) -> String {
    let path = format!("s/{file}");
    let plain = "[delivery]\napns = { latency = \"1s\" }\nfcm = { latency = \"1s\" }\n";
    match load(&format!("{}{plain}", import(file)), &[(&path, text)], &[]) {
        Ok(loaded) => loaded.warnings.to_string(),
        Err(all) => all.to_string(),
    }
}

fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/exports").join(name);
    fs::read_to_string(path).expect("a shipped export can be read")
}

fn good(text: &str, files: &[(&str, &str)]) -> Loaded {
    load(text, files, &[]).unwrap_or_else(|all| panic!("{all}"))
}

#[test]
fn every_problem_of_an_export_is_told_once() {
    let full = "\"userPrincipalName\":\"a@x\",\"enrolledByUserPrincipalName\":\"A@x\",\"managementAgent\":\"mdm\",\
                \"managedDeviceOwnerType\":\"personal\"";
    let device = |id: &str, rest: &str| format!("{{\"id\":\"{id}\",{rest},{full}}}");
    let ios = "\"operatingSystem\":\"iOS\"";
    let all = [
        ("a missing file", "gone.json", None),
        ("an absolute path", "/etc/devices.csv", None),
        ("another ending", "devices.xlsx", Some("PK".to_owned())),
        ("an empty file", "d.json", Some(" \n".to_owned())),
        ("JSON that breaks off", "d.json", Some(format!("{{\n\"value\": [\n{},\n", device("1", ios)))),
        ("an answer that is an error", "d.json", Some("{\"error\":{\"code\":\"Forbidden\"}}".to_owned())),
        ("a list of numbers", "d.json", Some("[1, 2]".to_owned())),
        ("CSV without ids", "d.csv", Some("Name,OS\nx,iOS\n".to_owned())),
        ("CSV with semicolons", "d.csv", Some("Device ID;OS\n1;iOS\n".to_owned())),
        ("CSV with a long line", "d.csv", Some("Device ID,OS\n1,iOS\n2,iOS,more\n".to_owned())),
        ("no devices", "d.json", Some("{\"value\":[]}".to_owned())),
        ("two of one id", "d.json", Some(format!("[\n{},\n{}]", device("1", ios), device("1", ios)))),
        (
            "one page of two",
            "d.json",
            Some(format!("{{\"value\":[{}],\n\"@odata.nextLink\":\"https://x\"}}", device("1", ios))),
        ),
        (
            "every gap",
            "d.csv",
            Some(
                "Device ID,OS,Primary user UPN,UserId,Managed by,Ownership,Enrolled by user UPN\n\
                 ,iOS,a@x,1,Intune,Personal,a@x\n\
                 2,ChromeOS,a@x,1,Intune,Personal,a@x\n\
                 3,,a@x,1,Intune,Personal,a@x\n\
                 4,iOS/iPadOS,a@x,1,Intune,Personal,a@x\n\
                 5,iOS,None,,Intune,Personal,\n\
                 6,Android,a@x,1,Intune,Personal,a@x\n\
                 7,iOS,a@x,1,Intune,Personal,\n\
                 8,iOS,a@x,1,Unknown,Unknown,a@x\n"
                    .to_owned(),
            ),
        ),
    ];
    let mut text = String::new();
    for (case, file, export) in all {
        let problem = match export {
            Some(export) => said(file, &export),
            None => load(&import(file), &[], &[]).map_or_else(|all| all.to_string(), |_| "nothing".to_owned()),
        };
        text.extend(["## ", case, "\n", &problem]);
    }
    let silent = load(&import("d.csv").replace(TOLD, ""), &[("s/d.csv", "Device ID,OS\n1,iOS\n")], &[]);
    text.extend(["## an import that says nothing\n", &silent.expect("it can be run").warnings.to_string()]);
    insta::assert_snapshot!("problems_of_exports", text);
}

#[test]
fn names_that_are_taken_are_refused_with_both_places() {
    let export = "Device ID,OS,Primary user UPN\nphone,iOS,ada@x\n";
    let text = format!(
        "{}[[fleet.import]]\nname = \"again\"\nfile = \"e.csv\"\n[[user]]\nname = \"ada@x\"\n\
         [[device]]\nname = \"phone\"\nplatform = \"ios\"\n",
        import("d.csv")
    );
    let all = load(&text, &[("s/d.csv", export), ("s/e.csv", export)], &[]).expect_err("names are taken");
    let found: Vec<(String, usize, String)> =
        all.machine().into_iter().filter(|one| one.code == "S008").map(|one| (one.file, one.line, one.label)).collect();
    let place = |file: &str, line| (file.to_owned(), line, "the first is in s/d.csv:2".to_owned());
    assert_eq!(found, [place("s/t.toml", 22), place("s/t.toml", 24), place("s/e.csv", 2)], "{all}");
}

#[test]
fn generated_come_first_then_imported_then_named() {
    let text = format!(
        "{}[[user]]\nname = \"cy\"\n[[device]]\nname = \"cy-mac\"\nuser = \"cy\"\nplatform = \"macos\"\n\
         [[device]]\nname = \"ada-2\"\nuser = \"ada@x\"\nplatform = \"ios\"\n{SEND}",
        import("d.csv").replace("[[fleet.import]]", "[fleet]\nusers = 2\n[[fleet.import]]")
    );
    let loaded = good(&text, &[("s/d.csv", "Device ID,OS,UPN\np1,iOS,Ada@X\np2,Windows,bob@x\np3,iPadOS,ADA@x\n")]);
    let fleet = &loaded.world.fleet;
    let devices: Vec<String> = (0..fleet.devices()).map(|at| fleet.device_name(DeviceIx(at))).collect();
    assert_eq!(devices, ["user-1.1", "user-2.1", "p1", "p2", "p3", "cy-mac", "ada-2"]);
    let users: Vec<String> = (0..fleet.users()).map(|at| fleet.user_name(UserIx(at))).collect();
    assert_eq!(users, ["user-1", "user-2", "ada@x", "bob@x", "cy"]);
    let mut of_ada = Vec::new();
    fleet.devices_of(UserIx(2), |device| of_ada.push(device.0));
    assert_eq!(of_ada, [2, 4, 6]);
    assert_eq!(folded(&loaded.world).pairs_sent, 7, "all users are those of the import too");
}

#[test]
fn what_an_export_tells_is_what_the_devices_are() {
    let columns = "Id,OperatingSystem,Model,DeviceEnrollmentType,UserPrincipalName,EnrolledByUserPrincipalName,\
                   ManagementAgent,ManagedDeviceOwnerType\n";
    let rows = "1,iOS/iPadOS,iPad Pro,userEnrollment,a@x,a@x,mdm,company\n\
                2,Android (dedicated),,,a@x,b@x,eas,personal\n\
                3,AndroidForWork,,deviceEnrollmentManager,a@x,a@x,,\n\
                4,Android,,androidEnterpriseCorporateWorkProfile,a@x,,mdm,\n";
    let keys = "labels = { ownership = \"unknown\", site = \"north\" }\nenrolled = \"30%\"\n\
                enrolled_by_another = \"40%\"\nenrollment = \"aosp\"\n";
    let loaded = good(&format!("{}{keys}", import("d.csv")), &[("s/d.csv", &format!("{columns}{rows}"))]);
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
    let fleet = &loaded.world.fleet;
    let model = |at| fleet.model(fleet.traits(DeviceIx(at)).model);
    assert_eq!(model(0).platform, Platform::Ipados);
    let enrollments = [1, 2, 3].map(|at| model(at).enrollment[0].0);
    assert_eq!(enrollments, [Enrollment::Dedicated, Enrollment::Aosp, Enrollment::CorporateWorkProfile]);
    assert_eq!([0, 1, 2].map(|at| model(at).enrolled), [Ratio::ALWAYS, Ratio::NEVER, Ratio::percent(30)]);
    let by_another = [0, 1, 2, 3].map(|at| model(at).enrolled_by_another);
    assert_eq!(by_another, [Ratio::NEVER, Ratio::ALWAYS, Ratio::ALWAYS, Ratio::percent(40)]);
    let owners = [0, 1, 2].map(|at| model(at).labels["ownership"].as_str());
    assert_eq!(owners, ["company", "personal", "unknown"]);
    assert_eq!((model(0).labels["site"].as_str(), model(0).cohort.as_str()), ("north", "imported"));
}

/// Both shipped exports in one scenario with all the chance of cohorts.
fn both() -> (String, [String; 2]) {
    let text = format!(
        "{HEAD}[[fleet.import]]\nname = \"g\"\nfile = \"graph.json\"\n[[fleet.import]]\nname = \"p\"\nfile = \"portal.csv\"\n{SEND}"
    );
    (text, [shipped("graph.json"), shipped("portal.csv")])
}

#[test]
fn an_import_leaves_the_machine_with_its_devices_and_nothing_else() {
    let (text, [graph, portal]) = both();
    let loaded = good(&text, &[("s/graph.json", &graph), ("s/portal.csv", &portal)]);
    let again = good(&loaded.portable, &[]);
    assert_eq!(folded(&again.world).digest(), folded(&loaded.world).digest());
    assert_eq!(again.portable, loaded.portable);
    assert!(!loaded.portable.contains("warehouse") && !loaded.portable.contains("graph.json"), "{}", loaded.portable);
    assert!(
        loaded.resolved.contains("export = \"Device ID,Primary user UPN")
            && loaded.resolved.contains("# s/graph.json:1")
    );
    // The hash is over the devices, not over the file's name or form.
    let moved = text.replace("graph.json", "elsewhere/g.json");
    let moved = good(&moved, &[("s/elsewhere/g.json", &graph), ("s/portal.csv", &portal)]);
    assert_eq!(moved.world.scenario_hash, loaded.world.scenario_hash);
    let other = graph.replace("ada@contoso", "ann@contoso");
    let other = good(&text, &[("s/graph.json", &other), ("s/portal.csv", &portal)]);
    assert_ne!(other.world.scenario_hash, loaded.world.scenario_hash);
    // A flag names a file relative to the scenario.
    let set = load(&text, &[("s/h.json", &graph), ("s/portal.csv", &portal)], &["fleet.import.g.file=h.json"]);
    assert_eq!(set.expect("it is found").world.scenario_hash, loaded.world.scenario_hash);
}

#[test]
fn shards_of_an_imported_fleet_add_up() {
    let (text, [graph, portal]) = both();
    let loaded = good(&text, &[("s/graph.json", &graph), ("s/portal.csv", &portal)]);
    let world = Arc::new(loaded.world);
    let mut merge = Merge::default();
    for number in [1, 2] {
        let shard = Shard::new(number, 2).expect("it is a shard");
        let options = ForecastOptions { threads: 1, shard, ..ForecastOptions::default() };
        let finished = forecast(&world, options, &ForecastProgress::default(), &AtomicBool::new(false));
        let facts = PartFacts {
            scenario: loaded.portable.clone(),
            replay: Replay::new("t.toml", None, &[]),
            peak_rss_bytes: None,
        };
        let part = Part::new(&world, shard, finished.expect("there is a thread"), facts);
        merge.add("part.rvl", &part.to_bytes()).expect("it is a part of it");
    }
    let merged = merge.finish().expect("both are there");
    assert_eq!(merged.world.fleet.devices(), 10);
}

#[test]
fn ten_megabytes_of_nonsense_are_refused_at_once() {
    let line = "lorem ipsum \u{1F525} dolor,sit \"amet\" {[\\";
    for (end, file) in [("\n", "d.csv"), ("", "d.csv"), ("\n", "d.json"), ("", "d.json")] {
        let nonsense = format!("{line}{end}").repeat(10_000_000 / line.len());
        let problem = said(file, &nonsense);
        assert!(problem.starts_with("error[S019 export]") && problem.len() < 4_000, "{problem}");
    }
    let deep = said("d.json", &"[".repeat(10_000_000));
    assert!(deep.contains("S019"), "{deep}");
    assert!(said("d.csv", &"x".repeat(17 << 20)).contains("16 MiB"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn mutated_exports_never_panic(
        is_json in any::<bool>(),
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..40, 0_usize..8), 1..6),
    ) {
        let (file, whole) = if is_json {
            ("d.json", include_str!("../../config/exports/graph.json"))
        } else {
            ("d.csv", include_str!("../../config/exports/portal.csv"))
        };
        let mut text: Vec<char> = whole.chars().collect();
        for (from, length, how) in cuts {
            let from = from.index(text.len().max(1)).min(text.len());
            let to = (from + length).min(text.len());
            let put = ["", ",", "\"", "\n", "null", "\u{feff}é🔥\0", "{[", "user-1.1"][how];
            text.splice(from..to, put.chars());
        }
        let problem = said(file, &text.into_iter().collect::<String>());
        prop_assert!(problem.len() < 200_000);
    }
}
