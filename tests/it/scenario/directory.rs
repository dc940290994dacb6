//! Risk: users and groups of an export lose what the export tells of them, belong to other devices than in the tenant, or
//! are lost without a word.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use reveille::rules::base::ids::{DeviceIx, UserIx};
use reveille::rules::model::group::Members;
use reveille::rules::model::world::World;
use reveille::scenario::{self, Diagnostics, Loaded, Overrides, Source};

use crate::fixtures::drivers::folded;

const HEAD: &str = "schema = 1\nname = \"t\"\nduration = \"1h\"\n[delivery]\napns = { latency = \"1s\" }\nfcm = { latency = \"1s\" }\n\
                    [fleet.defaults]\npresence = \"online\"\n";
const USERS: &str = "[[directory.users]]\nfile = \"users\"\n";
const DEVICES: &str = "[[fleet.import]]\nfile = \"d.csv\"\n";
/// Devices of Ada, of Bob by his id alone, of Cy, and of a user that no export of users has.
const DEVICE_ROWS: &str = "Device ID,OS,Primary user UPN,UserId\n\
                           d1,iOS,ada@contoso.example,\n\
                           d2,iOS,,B1A7C9D0-00AA-4E1F-8C55-000000000002\n\
                           d3,Android,cy@contoso.example,b1a7c9d0-00aa-4e1f-8c55-000000000003\n\
                           d4,iOS,stranger@contoso.example,\n";

fn sample(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/scenario/exports").join(name);
    fs::read(path).expect("a sample can be read")
}

fn load(text: &str, files: &[(&str, Vec<u8>)]) -> Result<Loaded, Diagnostics> {
    let mut read = |path: &str| {
        let found = files.iter().find(|(name, _)| path == format!("s/{name}"));
        found.map(|(_, bytes)| bytes.clone()).ok_or_else(|| "no such file".to_owned())
    };
    scenario::load(&Source::new("s/t.toml", format!("{HEAD}{text}")), &mut read, &Overrides::default())
}

fn good(text: &str, files: &[(&str, Vec<u8>)]) -> Loaded {
    load(text, files).unwrap_or_else(|all| panic!("{all}"))
}

fn said(text: &str, files: &[(&str, Vec<u8>)]) -> String {
    load(text, files).map_or_else(|all| all.to_string(), |loaded| loaded.warnings.to_string())
}

/// The users with their labels.
fn users(text: &str, files: &[(&str, Vec<u8>)]) -> BTreeMap<String, BTreeMap<String, String>> {
    let world = good(text, files).world;
    let labels: BTreeSet<(String, String, u32)> = world
        .fleet
        .strata()
        .iter()
        .flat_map(|stratum| stratum.labels.clone())
        .flat_map(|(label, value)| {
            let found = world.fleet.users_with(|of| of.get(&label) == Some(&value));
            found.into_iter().map(move |user| (label.clone(), value.clone(), user)).collect::<Vec<_>>()
        })
        .collect();
    let mut users: BTreeMap<String, BTreeMap<String, String>> =
        (0..world.fleet.users()).map(|user| (world.fleet.user_name(UserIx(user)), BTreeMap::new())).collect();
    for (label, value, user) in labels {
        users.get_mut(&world.fleet.user_name(UserIx(user))).expect("it is a user").insert(label, value);
    }
    users
}

/// The users of a group, its nested groups left out.
fn direct(world: &World, name: &str) -> Vec<String> {
    let group = world.groups.iter().find(|group| group.name == name).unwrap_or_else(|| panic!("no group {name}"));
    let Members::These(users) = &group.users else { panic!("{name} has everyone") };
    users.iter().map(|user| world.fleet.user_name(UserIx(user))).collect()
}

fn nested(world: &World, name: &str) -> Vec<String> {
    let group = world.groups.iter().find(|group| group.name == name).expect("there is such a group");
    group.groups.iter().map(|inner| world.groups[inner.0 as usize].name.clone()).collect()
}

#[test]
fn users_have_the_same_labels_from_every_form_of_export() {
    let labels = |all: [(&str, &str); 5]| -> BTreeMap<String, String> {
        let given = all.into_iter().filter(|(_, value)| !value.is_empty());
        given.map(|(label, value)| (label.to_owned(), value.to_owned())).collect()
    };
    let of = |department, office, city, country, usage| {
        labels([
            ("department", department),
            ("office", office),
            ("city", city),
            ("country", country),
            ("usage_location", usage),
        ])
    };
    let wanted: BTreeMap<String, BTreeMap<String, String>> = [
        ("ada@contoso.example", of("Finance", "Paris, Opéra", "Paris", "France", "FR")),
        ("bob@contoso.example", of("IT; Operations", "Berlin", "Berlin", "Germany", "DE")),
        ("cy@contoso.example", of("Finance", "", "Lyon", "France", "FR")),
        ("dora_gmail.com#ext#@contoso.example", of("", "", "", "", "DE")),
        ("hal@contoso.example", of("IT; Operations", "berlin", "Berlin", "Germany", "DE")),
    ]
    .map(|(name, labels)| (name.to_owned(), labels))
    .into();
    // Every user has a device, so that each label is one of a stratum.
    let phone = |at: usize, name: &str| format!("d{at},iOS,{name}\n");
    let rows: String = wanted.keys().enumerate().map(|(at, name)| phone(at, name)).collect();
    let devices = format!("Device ID,OS,Primary user UPN\n{rows}").into_bytes();
    for (form, name) in [
        ("Entra's", "entra-users.csv"),
        ("Entra's of 2023", "entra-users-2023.csv"),
        ("Get-MgUser in Windows PowerShell", "mg-users.csv"),
        ("Microsoft 365's in German, UTF-16", "m365-users-de.csv"),
        ("two pages of Graph", "graph-users.json"),
    ] {
        let text = format!("{DEVICES}{}", USERS.replace("\"users\"", &format!("\"{name}\"")));
        let mut found = users(&text, &[("d.csv", devices.clone()), (name, sample(name))]);
        for labels in found.values_mut() {
            labels.remove("ownership");
        }
        assert_eq!(found, wanted, "{form}");
    }
}

#[test]
fn users_of_devices_are_joined_by_name_or_by_id() {
    let text = format!("{DEVICES}{}", USERS.replace("users\"\n", "u.csv\"\n"));
    let files = [("d.csv", DEVICE_ROWS.as_bytes().to_vec()), ("u.csv", sample("entra-users.csv"))];
    let loaded = good(&text, &files);
    let fleet = &loaded.world.fleet;
    let owners: Vec<String> =
        (0..4).map(|at| fleet.user_name(fleet.user_of(DeviceIx(at)).expect("it has a user"))).collect();
    assert_eq!(owners[..2], ["ada@contoso.example", "bob@contoso.example"]);
    let label = |at: u32, label: &str| fleet.model(fleet.model_of(DeviceIx(at))).labels.get(label).cloned();
    assert_eq!(label(1, "department").as_deref(), Some("IT; Operations"));
    assert_eq!(label(3, "department"), None);
    let names: Vec<String> = (0..fleet.users()).map(|user| fleet.user_name(UserIx(user))).collect();
    assert_eq!(names[4..], ["dora_gmail.com#ext#@contoso.example", "hal@contoso.example"], "without a device: last");
    let warned = loaded.warnings.to_string();
    assert!(warned.contains("1 of 4 users with a device are in no export of users"), "{warned}");
    assert!(!warned.contains("stranger"), "no name of a person: {warned}");
}

#[test]
fn an_office_is_the_site_of_its_name_or_the_one_that_lists_it() {
    let sites = "[[fleet.site]]\nname = \"Berlin\"\ntimezone = \"Europe/Berlin\"\n\
                 [[fleet.site]]\nname = \"fr\"\ntimezone = \"Europe/Paris\"\noffices = \"paris,  OPÉRA\"\n\
                 [[fleet.site]]\nname = \"home\"\ntimezone = \"-03:00\"\n";
    let import = DEVICES.replace("file", "site = \"home\"\nfile");
    let send = "[[send]]\nname = \"s\"\nat = \"1m\"\nto = { site = \"Berlin\" }\ntitle = \"t\"\nbody = \"b\"\n";
    let text = format!("{sites}{import}{}{send}", USERS.replace("users\"\n", "u.json\"\n"));
    let files = [("d.csv", DEVICE_ROWS.as_bytes().to_vec()), ("u.json", sample("graph-users.json"))];
    let loaded = good(&text, &files);
    let world = &loaded.world;
    assert_eq!(direct(world, "Berlin"), ["bob@contoso.example", "hal@contoso.example"]);
    assert_eq!(direct(world, "fr"), ["ada@contoso.example"]);
    assert_eq!(direct(world, "home"), ["cy@contoso.example", "stranger@contoso.example"], "the site of the import");
    let hours = |at: u32| {
        let zone = &world.fleet.model(world.fleet.model_of(DeviceIx(at))).zone;
        (zone.offsets[0].1 - world.start_unix_ms) / 3_600_000
    };
    assert_eq!([0, 1, 2].map(hours), [1, 1, -3]);
    assert_eq!(folded(world).pairs_sent, 1, "Bob's phone");
    let misspelt = said(&text.replace("OPÉRA", "OPÉRRA"), &files);
    assert!(misspelt.contains("no imported user has the office location `paris, opérra`"), "{misspelt}");
    assert!(misspelt.contains("the first says `Paris, Opéra`"), "{misspelt}");
    assert!(misspelt.contains("did you mean `paris, opéra`?"), "{misspelt}");
    assert!(misspelt.contains("1 of 5 users have an office location that is no site's"), "{misspelt}");
    let empty = said(&text.replace(&import, DEVICES), &files);
    assert!(empty.contains("a site of no users"), "{empty}");
    let twice = said(&text.replace("name = \"home\"", "name = \"home\"\noffices = [\"Paris, Opéra\"]"), &files);
    assert!(twice.contains("the office `paris, opéra` is one of two sites"), "{twice}");
}

#[test]
fn device_labels_divide_reports_and_users_keep_all_labels() {
    let group = "[[group]]\nname = \"french\"\nusers = { labels = { country = \"France\" } }\n";
    let with = |keys: &str| format!("{DEVICES}{}{keys}\n{group}", USERS.replace("users\"\n", "u.csv\"\n"));
    let files = [("d.csv", DEVICE_ROWS.as_bytes().to_vec()), ("u.csv", sample("entra-users.csv"))];
    let loaded = good(&with("device_labels = [\"department\"]"), &files);
    assert_eq!(direct(&loaded.world, "french"), ["ada@contoso.example", "cy@contoso.example"]);
    let labels: BTreeSet<&str> =
        loaded.world.fleet.strata().iter().flat_map(|stratum| stratum.labels.keys().map(String::as_str)).collect();
    assert_eq!(labels, BTreeSet::from(["department"]));
    let wrong = said(&with("device_labels = [\"departement\"]"), &files);
    assert!(wrong.contains("did you mean `department`?"), "{wrong}");
    // A tenant of a thousand departments has too many divisions, and is told the key.
    let row = |at: usize| format!("p{at}@x,Department {at}\n");
    let phone = |at: usize| format!("d{at},iOS,p{at}@x\n");
    let (rows, phones): (String, String) = ((0..1_100).map(row).collect(), (0..1_100).map(phone).collect());
    let files = [
        ("d.csv", format!("Device ID,OS,UPN\n{phones}").into_bytes()),
        ("u.csv", format!("UPN,Department\n{rows}").into_bytes()),
    ];
    let many = said(&with("").replace("French", "none"), &files);
    assert!(many.contains("1100 different combinations") && many.contains("device_labels"), "{many}");
    assert!(!said(&with("device_labels = []"), &files).contains("combinations"));
}

/// Devices of Ada, Bob and Cy, all users, and these groups.
fn with_groups(groups: &str, file: &str) -> (String, Vec<(&'static str, Vec<u8>)>) {
    let text = format!("{DEVICES}{}{groups}", USERS.replace("users\"\n", "u.csv\"\n"));
    let files =
        vec![("d.csv", DEVICE_ROWS.as_bytes().to_vec()), ("u.csv", sample("entra-users.csv")), ("g", sample(file))];
    (text.replace("\"g\"", &format!("\"{file}\"")), files)
}

fn groups_of(groups: &str, file: &'static str) -> Loaded {
    let (text, mut files) = with_groups(groups, file);
    files[2].0 = file;
    good(&text, &files)
}

const GROUPS: &str = "[[directory.groups]]\nfile = \"g\"\n";

#[test]
fn groups_have_their_members_and_what_is_unknown_is_counted() {
    let loaded = groups_of(GROUPS, "graph-groups.json");
    let world = &loaded.world;
    assert_eq!(direct(world, "Finance"), ["ada@contoso.example", "cy@contoso.example"]);
    assert_eq!(direct(world, "Board"), ["bob@contoso.example"]);
    assert_eq!(nested(world, "Board"), ["Finance"], "a device is no recipient (R23)");
    assert_eq!(direct(world, "Projects (0f3c0a10-1111-4a5b-9c00-0000000000a1)"), ["hal@contoso.example"]);
    let warned = loaded.warnings.to_string();
    for told in [
        "1 of 8 members of groups are no users of the scenario",
        "1 of 8 members of groups are groups in no export",
        "2 of 4 groups have a name that is taken",
    ] {
        assert!(warned.contains(told), "{told}: {warned}");
    }
    assert!(!warned.contains("zoe"), "no name of a person: {warned}");

    let lists = groups_of(GROUPS, "script-groups.csv");
    assert_eq!(direct(&lists.world, "Finance"), ["ada@contoso.example", "cy@contoso.example"]);
    assert_eq!(direct(&lists.world, "Board"), ["bob@contoso.example"]);

    let (text, mut files) = with_groups(GROUPS, "entra-groups.csv");
    files[2].0 = "entra-groups.csv";
    let refused = said(&text, &files);
    assert!(refused.contains("no column names the group of each member"), "{refused}");
    assert!(refused.contains("`Download groups` has no members"), "{refused}");
}

#[test]
fn the_members_of_one_group_come_from_a_download_of_its_own() {
    let group = "[[group]]\nname = \"night\"\nfile = \"g\"\n";
    let members = ["ada@contoso.example", "hal@contoso.example"];
    assert_eq!(direct(&groups_of(group, "entra-members.csv").world, "night"), members);
    let loaded = groups_of(group, "entra-members-2026.csv");
    assert_eq!(direct(&loaded.world, "night"), members);
    let warned = loaded.warnings.to_string();
    assert!(warned.contains("1 of 3 members of groups are groups in no export"), "{warned}");
    let (text, mut files) =
        with_groups(&group.replace("file", "users = [\"ada@contoso.example\"]\nfile"), "entra-members.csv");
    files[2].0 = "entra-members.csv";
    let both = said(&text, &files);
    assert!(both.contains("given by `users` or an export"), "{both}");
}

#[test]
fn a_group_that_graph_cut_off_at_twenty_members_is_warned_of() {
    let member = |at: usize| format!("{{\"@odata.type\":\"#microsoft.graph.user\",\"userPrincipalName\":\"m{at}@x\"}}");
    let group = |name: &str, members: usize| {
        let members: Vec<String> = (0..members).map(member).collect();
        format!("{{\"id\":\"{name}\",\"displayName\":\"{name}\",\"members\":[{}]}}", members.join(","))
    };
    let text = format!("{DEVICES}{}", GROUPS.replace("\"g\"", "\"g.json\""));
    let phone = |at: usize| format!("d{at},iOS,m{at}@x\n");
    let phones: String = (0..30).map(phone).collect();
    let warned = |groups: String| {
        let devices = format!("Device ID,OS,UPN\n{phones}").into_bytes();
        said(&text, &[("d.csv", devices), ("g.json", format!("{{\"value\":[{groups}]}}").into_bytes())])
    };
    let told = "groups may have more members: with `$expand` Graph answers 20";
    let whole = warned(format!("{},{}", group("a", 19), group("b", 21)));
    assert!(!whole.contains("may have more members"), "{whole}");
    let cut = warned(format!("{},{}", group("a", 19), group("b", 20)));
    assert!(cut.contains(told) && cut.contains("groups/{id}/members"), "{cut}");
    let linked = group("c", 3).replace("\"members\"", "\"members@odata.nextLink\":\"https://x\",\"members\"");
    assert!(warned(linked).contains(told));
    let bare = warned("{\"id\":\"a\",\"displayName\":\"a\"}".to_owned());
    assert!(bare.contains("groups without their members") && bare.contains("$expand=members"), "{bare}");
}

#[test]
fn every_problem_of_an_export_of_users_is_reported() {
    let text = USERS.replace("users\"\n", "u.csv\"\n");
    let with = |csv: &str| {
        said(
            &format!("{DEVICES}{text}"),
            &[("d.csv", DEVICE_ROWS.as_bytes().to_vec()), ("u.csv", csv.as_bytes().to_vec())],
        )
    };
    for (csv, told) in [
        ("", "the export is empty"),
        ("Name,Department\nx,y\n", "no column is called `userPrincipalName` or `id`"),
        ("UPN,Department\nada@contoso.example,a,b\n", "a line of 3 fields under 2 titles"),
        ("UPN,Department\n", "an export of no users"),
        ("UPN,Title\nada@contoso.example,x\n", "no user of the export has any of"),
        ("UPN,Department\n,x\nada@contoso.example,y\n", "1 of 2 users have neither a user principal name nor an id"),
        ("UPN,Department\nada@contoso.example,x\nADA@contoso.example,y\n", "1 of 2 users were there before"),
    ] {
        let found = with(csv);
        assert!(found.contains(told), "{told}: {found}");
    }
    let missing = said(&format!("{DEVICES}{text}"), &[("d.csv", DEVICE_ROWS.as_bytes().to_vec())]);
    assert!(missing.contains("cannot read s/u.csv"), "{missing}");
    let none = said("[[directory.users]]\nname = \"u\"\n", &[]);
    assert!(none.contains("an import needs `file`"), "{none}");
}

#[test]
fn a_scenario_leaves_the_machine_with_its_users_and_groups_and_no_more() {
    let night = "[[group]]\nname = \"night\"\nfile = \"m.csv\"\n";
    let send =
        "[[send]]\nname = \"s\"\nat = \"1m\"\nto = { groups = [\"Board\", \"night\"] }\ntitle = \"t\"\nbody = \"b\"\n";
    let (text, mut files) = with_groups(&format!("{GROUPS}{night}{send}"), "graph-groups.json");
    files[2].0 = "graph-groups.json";
    files.push(("m.csv", sample("entra-members.csv")));
    let loaded = good(&text, &files);
    let again =
        scenario::load(&Source::new("p.toml", &*loaded.portable), &mut |_| Err(String::new()), &Overrides::default());
    let again = again.unwrap_or_else(|all| panic!("{all}"));
    assert_eq!(again.portable, loaded.portable);
    assert_eq!(again.world.scenario_hash.len(), loaded.world.scenario_hash.len());
    assert_eq!(folded(&again.world).digest(), folded(&loaded.world).digest());
    assert_eq!(folded(&loaded.world).pairs_sent, 3, "Ada, Bob and Cy");
    assert_eq!(again.world.groups, loaded.world.groups);
    for hidden in ["Ada Byron", "LAPTOP", "System.String"] {
        assert!(!loaded.portable.contains(hidden), "{hidden}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_user_is_a_member_exactly_if_the_export_says_so(
        members in prop::collection::vec((0_usize..6, 0_usize..12, any::<bool>()), 0..60),
        is_json in any::<bool>(),
    ) {
        // Users 0 to 9 exist, 10 and 11 are unknown; groups 0 to 5.
        let id = |user: usize| format!("00000000-0000-4000-8000-{user:012}");
        let user = |at: usize| format!("{},u{at}@x,D{at}\n", id(at));
        let users: String = (0..10).map(user).collect();
        let users = format!("Object Id,User principal name,Department\n{users}");
        let groups = if is_json {
            let group = |group: usize| {
                let of = members.iter().filter(|one| one.0 == group).map(|(_, user, by_id)| {
                    if *by_id { format!("{{\"id\":\"{}\"}}", id(*user)) } else { format!("{{\"userPrincipalName\":\"U{user}@x\"}}") }
                });
                format!("{{\"id\":\"g{group}\",\"displayName\":\"G{group}\",\"members\":[{}]}}", of.collect::<Vec<_>>().join(","))
            };
            (0..6).map(group).collect::<Vec<_>>().join("\n")
        } else {
            let line = |(group, user, by_id): &(usize, usize, bool)| {
                if *by_id { format!("G{group},{},\n", id(*user)) } else { format!("G{group},,U{user}@X\n") }
            };
            let only = |group: usize| format!("G{group},,\n");
            let empty: String = (0..6).map(only).collect();
            format!("Group,Member ID,UPN\n{empty}{}", members.iter().map(line).collect::<String>())
        };
        let file = if is_json { "g.ndjson" } else { "g.csv" };
        let text = format!("[[directory.users]]\nfile = \"u.csv\"\n[[directory.groups]]\nfile = \"{file}\"\n");
        let loaded = good(&text, &[("u.csv", users.into_bytes()), (file, groups.into_bytes())]);
        for group in 0..6 {
            let wanted: BTreeSet<String> =
                members.iter().filter(|one| one.0 == group && one.1 < 10).map(|one| format!("u{}@x", one.1)).collect();
            prop_assert_eq!(direct(&loaded.world, &format!("G{group}")), wanted.into_iter().collect::<Vec<_>>());
        }
        let lost = members.iter().filter(|one| one.1 >= 10).count();
        let told = loaded.warnings.to_string().contains(&format!("{lost} of {} members of groups are no users", members.len()));
        prop_assert_eq!(told, lost > 0);
    }

    #[test]
    fn mutated_exports_of_a_directory_never_panic(
        which in 0_usize..4,
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, 0_usize..8), 1..6),
    ) {
        let (file, text) = [
            ("graph-users.json", "[[directory.users]]\nfile = \"graph-users.json\"\n"),
            ("entra-users.csv", "[[directory.users]]\nfile = \"entra-users.csv\"\n"),
            ("graph-groups.json", "[[directory.groups]]\nfile = \"graph-groups.json\"\n"),
            ("entra-members.csv", "[[group]]\nname = \"g\"\nfile = \"entra-members.csv\"\n"),
        ][which];
        let mut chars: Vec<char> = String::from_utf8(sample(file)).expect("it is UTF-8").chars().collect();
        for (from, length, how) in cuts {
            let from = from.index(chars.len().max(1)).min(chars.len());
            let to = (from + length).min(chars.len());
            let put = ["", ",", "\"", "\n", "null", "\u{feff}é🔥\0", "{[", "user-1"][how];
            chars.splice(from..to, put.chars());
        }
        let problem = said(text, &[(file, chars.into_iter().collect::<String>().into_bytes())]);
        prop_assert!(problem.len() < 200_000);
    }
}
