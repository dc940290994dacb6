//! Risk: a site has other users, devices, local time or labels than it says, a group takes others than its filters let pass,
//! or a send at each site's local time goes at another's.

use std::collections::BTreeMap;

use reveille::rules::base::ids::{DeviceIx, UserIx};
use reveille::rules::base::time::SimTime;
use reveille::rules::model::group::Members;
use reveille::rules::model::send::Target;
use reveille::rules::model::world::World;

use super::beginners::diagnostics;
use crate::fixtures::drivers::world;

const HEAD: &str = "schema = 1\nname = \"sites\"\nduration = \"30h\"\nstart = 2026-12-01T08:00:00Z\n";

const FLEET: &str = r#"
[fleet]
users = 1_000
devices_per_user = { "1" = 0.5, "2" = 0.5 }
site = [
    { name = "london", share = "60%", timezone = "Europe/London" },
    { name = "annex", users = 7, labels = { floor = "roof" } },
    { name = "tokyo", share = "40%", timezone = "Asia/Tokyo", cohorts = { iphones = 1 } },
]
cohort = [
    { name = "iphones", share = "50%", platform = "ios" },
    { name = "androids", share = "50%", platform = "android", labels = { kind = "robot" } },
]

[[user]]
name = "ada"
site = "tokyo"
labels = { department = "it" }

[[user]]
name = "bob"
timezone = "America/Lima"

[[device]]
name = "ada-phone"
user = "ada"
platform = "ios"

[[device]]
name = "bob-phone"
user = "bob"
platform = "ios"
labels = { floor = "cellar" }

[[device]]
name = "spare"
user = "user-700"
platform = "android"
timezone = "UTC"
"#;

fn site(world: &World, user: u32) -> Option<&str> {
    world.fleet.user_labels(UserIx(user)).get("site").map(String::as_str)
}

fn members(world: &World, group: &str) -> Vec<u32> {
    let found = world.groups.iter().find(|known| known.name == group).expect("the group exists");
    match &found.users {
        Members::These(users) => users.iter().collect(),
        Members::All => (0..world.fleet.users()).collect(),
    }
}

/// Local time at model time zero, as hours from UTC.
fn hours(world: &World, device: &str) -> i64 {
    let device = world.fleet.find_device(device).expect("the device exists");
    let model = world.fleet.model(world.fleet.traits(device).model);
    (model.zone.offset_ms(SimTime::ZERO) - world.start_unix_ms) / 3_600_000
}

#[test]
fn users_follow_each_other_by_site_and_the_sizes_are_exact() {
    let world = world(&format!("{HEAD}{FLEET}"));
    let named = ["london"; 596].into_iter().chain(["annex"; 7]).chain(["tokyo"; 397]);
    let expected: Vec<Option<&str>> = named.map(Some).chain([Some("tokyo"), None]).collect();
    let found: Vec<Option<&str>> = (0..world.fleet.users()).map(|user| site(&world, user)).collect();
    assert_eq!(found, expected);
    for name in ["london", "annex", "tokyo"] {
        let of_site = (0..).zip(&expected).filter(|(_, site)| **site == Some(name)).map(|(user, _)| user);
        assert_eq!(members(&world, name), of_site.collect::<Vec<u32>>(), "the group of {name}");
    }
}

#[test]
fn devices_have_labels_local_time_and_mix_of_their_users_site() {
    let world = world(&format!("{HEAD}{FLEET}"));
    let mut cohorts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for device in (0..world.fleet.generated_devices()).map(DeviceIx) {
        let model = world.fleet.model(world.fleet.traits(device).model);
        let user = world.fleet.user_of(device).expect("a generated device has a user");
        let site = site(&world, user.0).expect("a generated user has a site");
        assert_eq!(model.labels["site"], site);
        assert_eq!(model.labels.get("floor").map(String::as_str), (site == "annex").then_some("roof"));
        assert_eq!(model.labels.contains_key("kind"), model.cohort == "androids");
        let zone = (model.zone.offset_ms(SimTime::ZERO) - world.start_unix_ms) / 3_600_000;
        assert_eq!(zone, if site == "tokyo" { 9 } else { 0 }, "the annex has the scenario's time");
        *cohorts.entry((site, model.cohort.as_str())).or_default() += 1;
    }
    let [ios, android] = ["iphones", "androids"].map(|cohort| cohorts[&("london", cohort)]);
    assert!(ios.abs_diff(android) <= 1, "shares are of each site: {cohorts:?}");
    assert!(!cohorts.contains_key(&("tokyo", "androids")) && cohorts[&("tokyo", "iphones")] > 400);
}

#[test]
fn a_named_device_has_what_its_user_has_unless_it_has_its_own() {
    let world = world(&format!("{HEAD}{FLEET}"));
    let labels = |device: &str| {
        let device = world.fleet.find_device(device).expect("the device exists");
        let labels = &world.fleet.model(world.fleet.traits(device).model).labels;
        labels.iter().map(|(label, value)| format!("{label}={value}")).collect::<Vec<_>>()
    };
    assert_eq!(
        (labels("ada-phone"), hours(&world, "ada-phone")),
        (vec!["department=it".into(), "site=tokyo".into()], 9)
    );
    assert_eq!((labels("bob-phone"), hours(&world, "bob-phone")), (vec!["floor=cellar".into()], -5));
    assert_eq!((labels("spare"), hours(&world, "spare")), (vec!["site=tokyo".into()], 0), "its user is in Tokyo");
}

#[test]
fn a_group_takes_the_users_that_all_filters_let_pass() {
    let group = |name: &str, users: &str| format!("[[group]]\nname = \"{name}\"\nusers = {users}\n");
    let groups = [
        group("it", "{ labels = { department = \"it\" } }"),
        group("high", "{ site = [\"annex\", \"london\"], labels = { floor = \"roof\" } }"),
        group("robots", "{ cohort = \"androids\" }"),
        group("london robots", "{ cohort = [\"androids\"], site = \"london\" }"),
        group("some", "{ site = \"tokyo\", sample = 20 }"),
        group("half", "{ site = \"tokyo\", share = 0.5 }"),
        group("first", "{ site = \"london\", from = 590, to = 600 }"),
    ];
    let world = world(&format!("{HEAD}{FLEET}{}", groups.concat()));
    assert_eq!(members(&world, "it"), [1_000]);
    assert_eq!(members(&world, "high"), members(&world, "annex"));
    assert_eq!(members(&world, "first"), (590..596).collect::<Vec<u32>>());
    let robots = members(&world, "robots");
    let has_robot = |user: u32| {
        let mut found = false;
        world.fleet.devices_of(UserIx(user), |device| {
            found |= world.fleet.model(world.fleet.traits(device).model).cohort == "androids";
        });
        found
    };
    assert_eq!(robots, (0..world.fleet.users()).filter(|user| has_robot(*user)).collect::<Vec<u32>>());
    let in_london: Vec<u32> = robots.into_iter().filter(|user| site(&world, *user) == Some("london")).collect();
    assert_eq!(members(&world, "london robots"), in_london);
    let some = members(&world, "some");
    assert!(some.len() == 20 && some.iter().all(|user| site(&world, *user) == Some("tokyo")), "{some:?}");
    let half = members(&world, "half");
    assert!((140..260).contains(&half.len()) && half.iter().all(|user| site(&world, *user) == Some("tokyo")));
}

#[test]
fn one_send_goes_to_the_sites_of_each_time_zone_at_its_own_local_time() {
    let send = "[[send]]\nname = \"news\"\nat = { local = \"21:30\", zone = \"each\" }\nto = { site = \"all\" }\n\
                title = \"t\"\nbody = \"b\"\n[[send]]\nname = \"later\"\nat = \"29h\"\nto = { site = [\"annex\"] }\n\
                title = \"t\"\nbody = \"b\"\n[[expect]]\nname = \"both\"\nmetric = \"sends\"\nwhere = { send = \"news\" }\n\
                check = \"== 2\"\n[[expect]]\nname = \"one\"\nmetric = \"sends\"\n\
                where = { send = \"news:Asia/Tokyo\" }\ncheck = \"== 1\"\n";
    let fleet = FLEET.replace("{ name = \"annex\",", "{ name = \"annex\", timezone = \"Europe/London\",");
    let world = world(&format!("{HEAD}{fleet}{send}"));
    let minutes = |hours: u64, minutes: u64| vec![SimTime((hours * 60 + minutes) * 60_000)];
    let groups = |send: usize| match &world.sends[send].target {
        Target::Groups(groups) => groups.iter().map(|group| world.groups[group.at()].name.as_str()).collect::<Vec<_>>(),
        Target::Devices { .. } => panic!("it goes to groups"),
    };
    let names: Vec<&str> = world.sends.iter().map(|send| send.name.as_str()).collect();
    assert_eq!(names, ["news:Asia/Tokyo", "news:Europe/London", "later"]);
    // 21:30 in Tokyo is 12:30 UTC, four and a half hours after the start.
    assert_eq!((&world.sends[0].times, groups(0)), (&minutes(4, 30), vec!["tokyo"]));
    assert_eq!((&world.sends[1].times, groups(1)), (&minutes(13, 30), vec!["london", "annex"]));
    assert_eq!(groups(2), ["annex"]);
    let sends = world.expectations.iter().map(|expectation| expectation.filter.sends.clone());
    assert_eq!(sends.collect::<Vec<_>>(), [Some(0..2), Some(0..1)]);
}

#[test]
fn the_local_time_of_a_site_holds_over_the_defaults_and_that_of_a_cohort_over_the_site() {
    let fleet = FLEET
        .replace("platform = \"android\",", "platform = \"android\", timezone = \"-03:00\",")
        .replace("[[user]]\nname = \"ada\"", "[fleet.defaults]\ntimezone = \"+05:00\"\n[[user]]\nname = \"ada\"");
    let world = world(&format!("{HEAD}{fleet}"));
    for device in (0..world.fleet.generated_devices()).map(DeviceIx) {
        let model = world.fleet.model(world.fleet.traits(device).model);
        let zone = (model.zone.offset_ms(SimTime::ZERO) - world.start_unix_ms) / 3_600_000;
        let of_site = if model.labels["site"] == "tokyo" { 9 } else { 0 };
        assert_eq!(zone, if model.cohort == "androids" { -3 } else { of_site });
    }
}

#[test]
fn more_sites_and_cohorts_than_reports_can_divide_are_refused_at_once() {
    let many = |key: &str, more: &str| {
        let one = |nth: u32| format!("[[fleet.{key}]]\nname = \"{key}-{nth}\"\nshare = 0.01\n{more}");
        (0..256).map(one).collect::<String>()
    };
    let text = format!("{HEAD}[fleet]\nusers = 5000\n{}{}", many("site", ""), many("cohort", "platform = \"ios\"\n"));
    let found = diagnostics(&text);
    assert!(found.contains("65536 different combinations"), "{found}");
}

#[test]
fn mistakes_about_sites_name_the_place_and_the_remedy() {
    let told = |fleet: &str, rest: &str| diagnostics(&format!("{HEAD}{fleet}{rest}"));
    let small = "[fleet]\nusers = 10\nsite = [{ name = \"here\", share = 1 }]\n";
    for (fleet, rest, expected) in [
        ("[fleet]\nusers = 5\nsite = [{ name = \"a\", users = 6 }]\n", "", "the sites claim 6 users, but only 5"),
        (
            "[fleet]\nusers = 7\nsite = [{ name = \"a\", users = 6 }]\n",
            "",
            "7 users are generated, but the sites claim only 6",
        ),
        ("[fleet]\nsite = [{ name = \"a\" }]\n", "", "a site needs `share` or `users`"),
        ("[fleet]\nsite = [{ name = \"all\", users = 3 }]\n", "", "`all` stands for every site"),
        ("[fleet]\nsite = [{ name = \"a\", users = 3, labels = { site = \"b\" } }]\n", "", "the label `site`"),
        ("[fleet]\nsite = [{ name = \"a\", users = 3, cohorts = { iso = 1 } }]\n", "", "did you mean `ios`?"),
        (small, "[[group]]\nname = \"here\"\n", "two groups are called `here`"),
        (small, "[[group]]\nname = \"g\"\nusers = { site = \"hree\" }\n", "did you mean `here`?"),
        (
            small,
            "[[group]]\nname = \"g\"\nusers = { labels = { floor = \"9\" } }\n",
            "no user passes all these filters",
        ),
        (small, "[[user]]\nname = \"u\"\nsite = \"there\"\n", "no site is called `there`"),
        (
            small,
            "[[send]]\nname = \"s\"\nat = { local = \"21:30\", zone = \"each\" }\nto = { groups = [\"here\"] }\n\
             title = \"t\"\nbody = \"b\"\n",
            "write to = { site = \"all\" }",
        ),
        (
            small,
            "[[send]]\nname = \"s\"\nat = { local = \"21:30\", zone = \"each\" }\n\
             to = { site = \"all\", groups = [\"here\"] }\ntitle = \"t\"\nbody = \"b\"\n",
            "exactly one of `groups`, `site`",
        ),
        (
            "",
            "[[send]]\nname = \"s\"\nat = \"1m\"\nto = { site = \"all\" }\ntitle = \"t\"\nbody = \"b\"\n",
            "write [[fleet.site]] tables",
        ),
        (
            "[fleet]\nusers = 10\nsite = [{ name = \"a\", share = 1 }]\ncohort = [{ name = \"c\", devices = 3, platform = \"ios\" }]\n",
            "",
            "give it a `share`",
        ),
    ] {
        let found = told(fleet, rest);
        assert!(found.contains(expected), "{expected}\n{found}");
    }
}
