//! Risk: a fleet from an export has a device that is not in the export, silently lacks one, or fails on a bad file.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use reveille::rules::base::chance::Ratio;
use reveille::rules::base::ids::{DeviceIx, UserIx};
use reveille::rules::base::platform::Platform;
use reveille::rules::population::traits::Enrollment;
use reveille::run::{ForecastOptions, ForecastProgress, Merge, Part, PartFacts, Replay, Shard, forecast};
use reveille::scenario::{self, Diagnostics, Loaded, Overrides, Source};
use tokio_util::sync::CancellationToken;

use crate::fixtures::drivers::folded;

const HEAD: &str = "schema = 1\nname = \"t\"\nduration = \"1h\"\n";
/// Properties that no export has, so that warnings only concern the gaps of the export itself.
const TOLD: &str = "app = \"both\"\napp_outdated = false\npush_permission = true\nplay_services = true\n\
                    force_stopped = false\nbattery_restricted = false\nnotification_access = false\nlocked = true\n\
                    foreground = false\nlock_screen = \"full\"\npresence = \"online\"\nattention = \"never\"\n";
const SEND: &str =
    "[[send]]\nname = \"s\"\nat = \"1m\"\nto = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n";

fn load(text: &str, files: &[(&str, &str)], sets: &[&str]) -> Result<Loaded, Diagnostics> {
    let overrides = Overrides { sets: sets.iter().map(ToString::to_string).collect(), ..Overrides::default() };
    let mut read = |path: &str| {
        let found = files.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| "no such file".to_owned())
    };
    scenario::load(&Source::new("s/t.toml", text), &mut read, &overrides)
}

fn import(file: &str) -> String {
    format!("{HEAD}[[fleet.import]]\nfile = \"{file}\"\n{TOLD}")
}

/// All diagnostics of a scenario with one import; plain latencies, so that no tables are computed.
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
fn every_problem_of_an_export_is_reported_once() {
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
fn the_devices_have_the_values_of_the_export() {
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

/// The devices of an export in a file: id, user, platform, Android enrolment, and owner.
fn devices(file: &str, bytes: &[u8]) -> Vec<[String; 5]> {
    let path = format!("s/{file}");
    let mut read = |name: &str| if name == path { Ok(bytes.to_vec()) } else { Err("no such file".to_owned()) };
    let source = Source::new("s/t.toml", format!("{}{SEND}", import(file)));
    let loaded = scenario::load(&source, &mut read, &Overrides::default()).unwrap_or_else(|all| panic!("{all}"));
    let fleet = &loaded.world.fleet;
    let one = |at: u32| {
        let (device, model) = (DeviceIx(at), fleet.model(fleet.traits(DeviceIx(at)).model));
        let is_android = model.platform == Platform::Android;
        [
            fleet.device_name(device),
            fleet.user_of(device).map_or(String::new(), |user| fleet.user_name(user)),
            format!("{:?}", model.platform),
            if is_android { format!("{:?}", model.enrollment[0].0) } else { String::new() },
            model.labels.get("ownership").cloned().unwrap_or_default(),
        ]
    };
    (0..fleet.devices()).map(one).collect()
}

#[test]
fn one_fleet_comes_from_every_form_of_export() {
    let row = |cells: [&str; 5]| cells.map(str::to_owned);
    let wanted = [
        row(["9e1d77b0-0007-4c3a-8f20-2b6e4d9c5a07", "a@x.example", "Ipados", "", "company"]),
        row(["9e1d77b0-0008-4c3a-8f20-2b6e4d9c5a08", "b@x.example", "Android", "FullyManaged", "personal"]),
    ];
    let (upper, lower) = ("9E1D77B0-0007-4C3A-8F20-2B6E4D9C5A07", "9e1d77b0-0008-4c3a-8f20-2b6e4d9c5a08");
    let portal = format!(
        "Device ID,OS,Model,EnrollmentType,Primary user UPN,Enrolled by user UPN,Managed by,Ownership\n\
         {upper},iOS/iPadOS,iPad Pro,,a@x.example,a@x.example,Intune,Corporate\n\
         {lower},Android (fully managed),Pixel,,b@x.example,b@x.example,Intune,Personal\n"
    );
    let localised = format!(
        "OS_loc,DeviceId,OS,DeviceType,DeviceType_loc,OwnerType,OwnerType_loc,ManagementAgents,ManagementAgents_loc,UPN\n\
         iOS/iPadOS,{upper},iOS,9,iPad,1,Company,2,MDM,a@x.example\n\
         Android (fully managed),{lower},Android,18,Android Enterprise,2,Personal,2,MDM,b@x.example\n"
    );
    let german = format!(
        "Geräte-ID;Betriebssystem;Modell;Primärer Benutzer-UPN;Verwaltet von;Besitz\r\n\
         {upper};iOS/iPadOS;iPad Pro;a@x.example;Intune;Unternehmen\r\n\
         {lower};Android (fully managed);Pixel;b@x.example;Intune;Persönlich\r\n"
    );
    let french = german
        .replace("Geräte-ID;Betriebssystem;Modell", "ID de l'appareil;Système d'exploitation;Modèle")
        .replace("Primärer Benutzer-UPN;Verwaltet von;Besitz", "UPN de l'utilisateur principal;Géré par;Propriété")
        .replace("Unternehmen", "Entreprise")
        .replace("Persönlich", "Personnel");
    let spanish = german
        .replace("Geräte-ID;Betriebssystem;Modell", "Id. de dispositivo;Sistema operativo;Modelo")
        .replace("Primärer Benutzer-UPN;Verwaltet von;Besitz", "UPN del usuario principal;Administrado por;Propiedad")
        .replace("Unternehmen", "Corporativo")
        .replace("Persönlich", "Personal");
    let ipad = format!(
        r#"{{"id":"{upper}","operatingSystem":"iOS","model":"iPad Air","userPrincipalName":"a@x.example","managementAgent":"mdm","managedDeviceOwnerType":"company"}}"#
    );
    let pixel = format!(
        r#"{{"id":"{lower}","operatingSystem":"Android","deviceEnrollmentType":"androidEnterpriseFullyManaged","userPrincipalName":"B@x.example","managementAgent":"mdm","managedDeviceOwnerType":"personal"}}"#
    );
    let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(german.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let pages = format!(
        r#"[{{"value":[{ipad}],"@odata.nextLink":"https://x.example/next"}},
           {{"value":[{pixel}]}}]"#
    );
    for (form, file, bytes) in [
        ("the admin centre's", "d.csv", portal.clone().into_bytes()),
        ("with a byte order mark", "d.csv", format!("\u{feff}{portal}").into_bytes()),
        ("codes and their localised twins", "d.csv", localised.into_bytes()),
        ("German, semicolons", "d.csv", german.clone().into_bytes()),
        ("German, UTF-16", "d.csv", utf16),
        ("French", "d.csv", french.into_bytes()),
        ("Spanish", "d.csv", spanish.into_bytes()),
        ("Excel's separator", "d.csv", format!("sep=;\r\n{german}").into_bytes()),
        ("Windows PowerShell's type", "d.csv", format!("#TYPE System.Object\r\n{portal}").into_bytes()),
        ("tabs", "d.tsv", portal.replace(',', "\t").into_bytes()),
        ("Graph's answer", "d.json", format!(r#"{{"value":[{ipad},{pixel}]}}"#).into_bytes()),
        ("a list", "d.json", format!("[{ipad},{pixel}]").into_bytes()),
        ("a list of answers", "d.json", pages.clone().into_bytes()),
        ("answers one after the other", "d.json", pages.trim_matches(['[', ']']).replacen("},", "}", 1).into_bytes()),
        ("a line for each", "d.ndjson", format!("{ipad}\n{pixel}\n").into_bytes()),
        ("the Reports API's", "d.json", format!(r#"{{"values":[{ipad},{pixel}]}}"#).into_bytes()),
    ] {
        assert_eq!(devices(file, &bytes), wanted, "{form}");
    }
    assert_eq!(devices("d.json", ipad.as_bytes()), wanted[..1], "a device by itself");
}

#[test]
fn an_import_keeps_the_exported_values_for_display() {
    let export = "Device ID,Device name,OS,OS version,Serial number,Model,Encrypted,Total storage,Last check-in,Colour\n\
                  1,\"Ann's, phone\",iOS,18.1,SN-1,iPhone 15,Yes,65536,2026-01-04 17:20:11.0000000,red\n2,,iOS,,,,,,,\n";
    let loaded = good(&format!("{}{SEND}", import("d.csv")), &[("s/d.csv", export)]);
    let told = |device: u32, property: &str| loaded.world.fleet.reported(DeviceIx(device), property);
    for (property, value) in [
        ("deviceName", "Ann's, phone"),
        ("osVersion", "18.1"),
        ("serialNumber", "SN-1"),
        ("model", "iPhone 15"),
        ("isEncrypted", "true"),
        ("totalStorageSpaceInBytes", "68719476736"),
        ("lastSyncDateTime", "2026-01-04T17:20:11Z"),
    ] {
        assert_eq!((told(0, property), told(1, property)), (Some(value), None), "{property}");
    }
    // Properties for display stay on this machine, and change no fate.
    assert!(!loaded.portable.contains("SN-1") && !loaded.resolved.contains("SN-1"), "{}", loaded.portable);
}

#[test]
fn an_import_that_loses_devices_says_how_many_and_why() {
    let rows = |good: usize, bad: usize| {
        let good = (0..good).map(|at| format!("p{at},iOS,a@x,Intune,Personal,a@x\n"));
        let bad = (0..bad).map(|at| format!("q{at},ChromeOS,a@x,Intune,Personal,a@x\n"));
        let rows: String = good.chain(bad).collect();
        format!("Device ID,OS,Primary user UPN,Managed by,Ownership,Enrolled by user UPN\n{rows}")
    };
    let few = said("d.csv", &rows(90, 10));
    assert!(!few.contains("are left out:"), "a tenth is not more than a tenth: {few}");
    let many = said("d.csv", &rows(89, 11));
    assert!(many.contains("11 of 100 devices are left out: 11 have no platform that is known here"), "{many}");
    let all = said("d.csv", &rows(0, 3));
    assert!(all.starts_with("error[S019 export]: the import adds no device: 3 of 3 devices are left out"), "{all}");
    let latin = b"Device ID,OS\nGer\xE4t,iOS\n".to_vec();
    let mut read = |_: &str| Ok(latin.clone());
    let all = scenario::load(&Source::new("s/t.toml", import("d.csv")), &mut read, &Overrides::default());
    let all = all.expect_err("it is not UTF-8").to_string();
    assert!(all.contains("Windows-1252") && all.contains("save it as UTF-8"), "{all}");
}

/// Both shipped exports in one scenario with the randomness of cohorts.
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
    // The hash covers the devices, not the file's name or format.
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
        let finished = forecast(&world, options, &ForecastProgress::default(), &CancellationToken::new());
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
            ("d.json", include_str!("../../../config/exports/graph.json"))
        } else {
            ("d.csv", include_str!("../../../config/exports/portal.csv"))
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
