//! Loading: from texts to a world, or to all their problems. Must not open a file: the caller passes a reader.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::build::builder::Build;
use super::diagnostics::diagnostic::Diagnostics;
use super::diagnostics::source::{Source, SourceSpan};
use super::grammar::keys::SCENARIO;
use super::text::document::{DocumentValue, Node};
use super::text::loaded::{Loaded, Overrides};
use super::text::origins::Origins;
use super::text::{canonical, check, include, set};
use super::{import, world};

/// Loads a scenario: [`load_unless_stopped`] without a stop.
///
/// # Errors
/// Every problem, warnings included.
pub fn load(
    root: &Source,
    read: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
    overrides: &Overrides,
) -> Result<Loaded, Diagnostics> {
    Ok(load_unless_stopped(root, read, overrides, &Arc::default())?.expect("nothing stops it"))
}

/// Loads a scenario; `None` if `stop` becomes true meanwhile. `read` takes the path of an included file or an export,
/// resolved against the file that names it, and returns its contents.
///
/// # Errors
/// Every problem, warnings included.
pub fn load_unless_stopped(
    root: &Source,
    read: &mut dyn FnMut(&str) -> Result<Vec<u8>, String>,
    overrides: &Overrides,
    stop: &CancellationToken,
) -> Result<Option<Loaded>, Diagnostics> {
    let mut build = Build { stop: stop.clone(), ..Build::default() };
    let merged = include::merge(root, read, &mut build.out);
    let Some(mut table) = merged else {
        build.out.sort();
        return Err(build.out);
    };
    set::apply(&mut table, overrides, &mut build.out);
    build.exports = import::fetch(&mut table, read, &mut build.out);
    let place = SourceSpan::default();
    check::table(&mut table, &SCENARIO, place, &mut build.out);
    if build.is_stopped() {
        return Ok(None);
    }
    let node = Node { value: DocumentValue::Table(table), place };
    let world = node.as_table().and_then(|table| world::build(table, &mut build));
    if build.is_stopped() {
        return Ok(None);
    }
    build.out.sort();
    match (world, node.as_table()) {
        (Some(world), Some(table)) if !build.out.has_errors() => {
            let resolved = canonical::with_origins(table, &build.out);
            let portable = canonical::without_texts(table);
            let origins = Origins::of(table, &world, &build.out);
            Ok(Some(Loaded { world, warnings: build.out, origins, resolved, portable }))
        }
        _ => Err(build.out),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::base::ids::{DeviceIx, GroupIx, UserIx};
    use crate::rules::base::platform::GatewayName;
    use crate::rules::base::time::SimTime;
    use crate::rules::faults::fault::FaultKind;
    use crate::rules::model::change::{ChangeKind, Subject};
    use crate::rules::model::group::Members;
    use crate::rules::model::live::ModelSpeed;
    use crate::rules::model::send::Target;
    use crate::rules::model::world::World;
    use crate::rules::population::traits::Doze;

    const HEAD: &str = "schema = 1\nname = \"t\"\nduration = \"2h\"\n";

    fn text(text: &str, sets: &[&str]) -> Result<Loaded, Diagnostics> {
        let sets = sets.iter().map(|set| (*set).to_owned()).collect();
        let overrides = Overrides { sets, ..Overrides::default() };
        load(&Source::new("t.toml", text), &mut |path| Err(format!("there is no {path}")), &overrides)
    }

    fn good(body: &str) -> World {
        text(&format!("{HEAD}{body}"), &[]).unwrap_or_else(|all| panic!("{all}")).world
    }

    fn codes(body: &str) -> Vec<&'static str> {
        let all = match text(&format!("{HEAD}{body}"), &[]) {
            Ok(loaded) => loaded.warnings,
            Err(all) => all,
        };
        all.iter().map(|one| one.code.code()).collect()
    }

    const PEOPLE: &str = r#"
        [[user]]
        name = "u"
        [[user]]
        name = "v"
        [[device]]
        name = "phone"
        user = "u"
        platform = "ios"
        [[device]]
        name = "mac"
        user = "u"
        platform = "macos"
        enrolled_by = "v"
        [[group]]
        name = "g"
        users = ["v", "u"]
        groups = ["g", "All users"]
    "#;

    #[test]
    fn the_template_loads_without_a_warning() {
        let loaded = text(super::super::template(), &[]).unwrap_or_else(|all| panic!("{all}"));
        assert!(loaded.warnings.is_empty(), "{}", loaded.warnings);
        assert!(loaded.resolved.contains("title = \"Site closed today\" # t.toml:"));
        assert_eq!(loaded.world.name, "my-scenario");
    }

    #[test]
    fn the_portable_text_gives_the_same_world_without_message_texts_r6() {
        let body = "[service]\ncharacter = \"scalar\"\n[[send]]\nname = \"s\"\nat = \"1m\"\nto = { groups = [\"All users\"] }\n\
                    title = \"Feuer 🔥\\tim Lager\"\nbody = \"  \"\n";
        let loaded =
            text(&format!("{HEAD}{body}"), &["seed=18446744073709551615"]).unwrap_or_else(|all| panic!("{all}"));
        let again = text(&loaded.portable, &[]).unwrap_or_else(|all| panic!("{all}"));
        assert!(!loaded.portable.contains("Feuer") && !loaded.portable.contains('#'), "{}", loaded.portable);
        assert_eq!(
            (again.world.sends[0].title.as_str(), again.world.sends[0].body.as_str()),
            ("xxxxx 𝚡 xx xxxxx", "  ")
        );
        assert_eq!((again.world.chance.seed(), &again.portable), (u64::MAX, &loaded.portable));
        assert_ne!(again.world.scenario_hash, loaded.world.scenario_hash, "the hash is of the texts too");
    }

    #[test]
    fn reports_five_mistakes_at_once() {
        let all = text(
            "schema = 1\nname = \"t\"\nduratoin = \"1h\"\nduration = \"1x\"\n[[send]]\nname = \"s\"\nat = \"1m\"\nas = \"bob\"\nto = { groups = [\"all users\"] }\ntitle = 5\nbody = \"b\"\n",
            &[],
        );
        let all = all.expect_err("five mistakes");
        let found: Vec<(usize, &str)> = all.machine().iter().map(|one| (one.line, one.code)).collect();
        assert_eq!(found, [(3, "S001"), (4, "S005"), (8, "S007"), (9, "S007"), (10, "S003")], "{all}");
        assert!(all.to_string().contains("did you mean `All users`?"), "{all}");
    }

    #[test]
    fn the_built_in_fleet_exists_until_a_user_or_device_is_named() {
        let world = good("");
        assert_eq!((world.fleet.users(), world.fleet.devices(), world.fleet.strata().len()), (1_000, 1_000, 2));
        assert!(world.assumptions.iter().any(|(key, _)| key == "cohort.presence"));
        let world = good(PEOPLE);
        assert_eq!((world.fleet.users(), world.fleet.devices()), (2, 2));
        assert!(!world.assumptions.iter().any(|(key, _)| key.starts_with("cohort")));
        let world = good(&format!("{PEOPLE}[fleet]\nusers = 7\ndevices_per_user = 3\n"));
        assert_eq!((world.fleet.users(), world.fleet.devices()), (9, 23));
    }

    #[test]
    fn counted_cohorts_say_how_many_users_there_are() {
        let cohort =
            |name: &str, size: &str| format!("[[fleet.cohort]]\nname = \"{name}\"\nplatform = \"android\"\n{size}\n");
        let world = good(&format!("{}{}", cohort("a", "devices = 30"), cohort("b", "devices = 12")));
        assert_eq!((world.fleet.users(), world.fleet.devices()), (42, 42));
        assert_eq!(world.fleet.model(crate::rules::base::ids::ModelIx(0)).doze, Doze::Light);
        let too_many = format!("[fleet]\nusers = 10\n{}{}", cohort("a", "devices = 30"), cohort("b", "share = 1"));
        assert_eq!(codes(&too_many), ["S010"]);
        let too_few = format!("[fleet]\nusers = 50\n{}", cohort("a", "devices = 30"));
        assert_eq!(codes(&too_few), ["S009"]);
        let zero = format!("[fleet]\nusers = 50\n{}", cohort("a", "share = 0"));
        assert!(codes(&zero).contains(&"S005"));
        assert_eq!(codes(&cohort("a", "share = 1\ndevices = 2")), ["S009"]);
        assert_eq!(codes("[fleet]\nusers = 100_000_000\ndevices_per_user = 100\n"), ["S010"]);
    }

    #[test]
    fn names_become_indices() {
        let world = good(&format!(
            "{PEOPLE}[[send]]\nname = \"s\"\nat = \"1m\"\nto = {{ groups = [\"g\", \"All users\"] }}\ntitle = \"t\"\nbody = \"b\"\n\
             [[change]]\nname = \"c\"\nkind = \"leave\"\ngroup = \"g\"\nusers = [\"v\", \"u\"]\nschedule = {{ from = \"5m\", every = \"1m\" }}\n"
        ));
        assert_eq!(world.groups[1].users, Members::These([0, 1].into()));
        assert_eq!(world.groups[1].groups, [GroupIx(1), GroupIx(0)]);
        assert_eq!(world.sends[0].target, Target::Groups(vec![GroupIx(1), GroupIx(0)]));
        assert_eq!(world.changes[0].kind, ChangeKind::Leave(GroupIx(1)));
        let steps = [(SimTime(300_000), Subject::User(UserIx(1))), (SimTime(360_000), Subject::User(UserIx(0)))];
        assert_eq!(world.changes[0].steps, steps, "in the order listed");
        assert!(world.fleet.traits(DeviceIx(1)).enrolled_by_another);
        assert!(!world.fleet.traits(DeviceIx(0)).enrolled_by_another);
    }

    #[test]
    fn warns_of_what_the_service_will_refuse() {
        let send = |to: &str, title: &str| {
            format!("{PEOPLE}[[send]]\nname = \"s\"\nat = \"1m\"\nto = {to}\ntitle = \"{title}\"\nbody = \"b\"\n")
        };
        assert_eq!(codes(&send("{ device = \"phone\" }", &"é".repeat(50))), [""; 0]);
        assert_eq!(codes(&send("{ device = \"mac\" }", &"é".repeat(51))), ["S101", "S101"]);
        assert_eq!(codes(&send("{ device = \"phone\" }", " ")), ["S101"]);
        assert_eq!(codes(&send("{ groups = [] }", "t")), ["S005"]);
        assert_eq!(codes(&send("{ devices = { sample = 3 } }", "t")), ["S010"]);
    }

    #[test]
    fn schedules_become_times_before_the_end() {
        let send = |when: &str| {
            format!(
                "[[send]]\nname = \"s\"\n{when}\nto = {{ groups = [\"All users\"] }}\ntitle = \"t\"\nbody = \"b\"\n"
            )
        };
        let times = |when: &str| good(&send(when)).sends[0].times.iter().map(|at| at.0).collect::<Vec<_>>();
        assert_eq!(times("schedule = { from = \"1m\", every = \"1h\", count = 2 }"), [60_000, 3_660_000]);
        assert_eq!(times("schedule = { for = \"3s\", rate = \"1/s\" }"), [0, 1_000, 2_000]);
        assert_eq!(times("at = { local = \"07:30\" }"), [5_400_000], "the default start is 6:00");
        assert_eq!(codes(&send("at = \"2h\"")), ["S015"]);
        assert_eq!(codes(&send("schedule = { every = \"1h\", count = 3 }")), ["S103"]);
        assert_eq!(codes(&send("schedule = { every = \"1ms\" }")), ["S010"]);
        assert_eq!(codes(&send("schedule = { from = \"1m\" }")), ["S009"]);
        assert_eq!(codes(&send("")), ["S009"]);
    }

    #[test]
    fn zones_have_daylight_saving() {
        let world = good("timezone = \"Europe/Paris\"\nstart = 2026-03-29T00:00:00Z\n");
        assert_eq!(world.start_unix_ms, 1_774_742_400_000);
        let local = |offset: i64| world.start_unix_ms + offset * 3_600_000;
        assert_eq!(world.zone.offsets, [(SimTime(0), local(1)), (SimTime(3_600_000), local(2))]);
        let world = good("timezone = \"+01:00\"\nstart = 2026-03-29T00:00:00\n");
        assert_eq!(world.start_unix_ms, 1_774_738_800_000, "without an offset it is local time");
    }

    #[test]
    fn faults_follow_one_another() {
        let world = good(
            "[[fault]]\nname = \"b\"\nkind = \"throttle\"\nafter = \"a\"\nrate = \"240/h\"\n\
             [[fault]]\nname = \"a\"\nkind = \"loss\"\nat = \"10m\"\nfor = \"5m\"\nrate = \"5%\"\ncorrelation = \"30s\"\nscope = { gateway = \"fcm\", pick = 0.4 }\n",
        );
        assert_eq!(world.faults[0].at, SimTime(900_000));
        assert_eq!(world.faults[0].kind, FaultKind::Throttle { units_per_ms: 240 });
        assert_eq!(world.faults[1].scope.gateway, Some(GatewayName::Fcm));
        let two = |first: &str, second: &str| {
            format!(
                "[[fault]]\nname = \"a\"\nkind = \"offline\"\n{first}\n[[fault]]\nname = \"b\"\nkind = \"offline\"\n{second}\n"
            )
        };
        assert_eq!(codes(&two("after = \"b\"\nfor = \"1m\"", "after = \"a\"\nfor = \"1m\"")), ["S016", "S016"]);
        assert_eq!(codes(&two("at = \"1m\"", "after = \"a\"")), ["S009"], "it never ends");
        assert_eq!(codes(&two("at = \"1m\"", "")), ["S009"]);
        assert_eq!(
            codes(&two("at = \"1m\"\nfor = \"1m\"\nevery = \"1m\"", "at = \"1m\"\nramp = \"1s\"")),
            ["S009", "S009"]
        );
        assert_eq!(codes(&two("at = \"1m\"\nscope = { cohort = \"iso\" }", "at = \"1m\"\nkind = \"x\"")), ["S002"]);
        assert_eq!(codes(&two("at = \"1m\"\nscope = { cohort = \"iso\" }", "at = \"1m\"")), ["S007"]);
    }

    #[test]
    fn an_expectation_on_something_that_does_not_exist_is_an_error() {
        let send =
            "[[send]]\nname = \"s\"\nat = \"1m\"\nto = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n";
        let expect = |rest: &str| format!("{send}[[expect]]\nname = \"e\"\n{rest}\n");
        assert_eq!(codes(&expect("metric = \"reach\"\ncheck = \">= 75%\"\nwithin = \"15m\"")), [""; 0]);
        assert_eq!(codes(&expect("metric = \"reech\"\ncheck = \">= 1\"")), ["S006"]);
        assert_eq!(codes(&expect("metric = \"delivery\"\ncheck = \"< 5s\"")), ["S018"]);
        assert_eq!(codes(&expect("metric = \"sends\"\ncheck = \"> 0\"\nwhere = { station = \"shown\" }")), ["S018"]);
        assert_eq!(codes(&expect("metric = \"journeys\"\ncheck = \"> 0\"\nwhere = { cause = \"capacty\" }")), ["S007"]);
        assert_eq!(
            codes(&expect("metric = \"journeys\"\ncheck = \"> 0\"\nwhere = { labels = { a = \"b\" } }")),
            ["S007"]
        );
        assert_eq!(codes(&expect("metric = \"recovery_time\"\ncheck = \"< 5m\"")), ["S018"]);
        assert_eq!(
            codes(&expect("metric = \"lag\"\ncheck = \"p(99) < 5m\"\nduring = \"recovery:x\"")),
            ["S007", "S018"]
        );
    }

    #[test]
    fn flags_win_and_the_hash_leaves_out_the_seed() {
        let base = text(HEAD, &[]).expect("it is valid").world;
        let seeded = text(HEAD, &["seed=9"]).expect("it is valid").world;
        assert_eq!((base.chance.seed(), seeded.chance.seed()), (1, 9));
        assert_eq!((base.scenario_hash.len(), &base.scenario_hash), (32, &seeded.scenario_hash));
        let other =
            text(HEAD, &["fleet.users=100", "live.speed=60", "delivery.apns.loss=5%"]).expect("it is valid").world;
        assert_ne!(base.scenario_hash, other.scenario_hash);
        assert_eq!((other.fleet.users(), other.live.speed), (100, ModelSpeed::Times(60_000)));
        let overrides = Overrides { seed: Some(5), profile: Some("intune-2052".to_owned()), sets: Vec::new() };
        let all =
            load(&Source::new("t.toml", HEAD), &mut |_| Err(String::new()), &overrides).expect_err("no such profile");
        assert!(all.to_string().contains("--profile:1:1") && all.to_string().contains("intune-2025"), "{all}");
    }

    #[test]
    fn the_schema_has_every_key() {
        let schema = super::super::json_schema();
        for key in SCENARIO.keys {
            assert!(schema["properties"][key.name].is_object(), "{}", key.name);
        }
        assert_eq!(schema["required"], serde_json::json!(["schema", "name", "duration"]));
        assert_eq!(schema["properties"]["send"]["items"]["additionalProperties"], false);
    }

    #[test]
    fn many_devices_and_many_mistakes_take_no_time() {
        let devices = |labels: bool| -> String {
            let label = |at: usize| if labels { format!("labels = {{ a = \"{at}\" }}") } else { String::new() };
            let device = |at| format!("[[device]]\nname = \"d{at}\"\nplatform = \"ios\"\n{}", label(at));
            (0..20_000).map(device).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(good(&devices(false)).fleet.devices(), 20_000);
        assert_eq!(codes(&devices(true)), ["S010"]);
        let unknown = (0..20_000).map(|at| format!("key{at} = 1")).collect::<Vec<_>>().join("\n");
        let all = text(&format!("{HEAD}{unknown}"), &[]).expect_err("nothing but mistakes");
        assert_eq!(all.len() + all.omitted(), 20_000);
        let group = |at| format!("[[group]]\nname = \"g{at}\"\nusers = {{ sample = 1 }}");
        let groups = (0..500).map(group).collect::<Vec<_>>().join("\n");
        assert!(codes(&format!("[fleet]\nusers = 1_000_000\n{groups}")).iter().all(|code| *code == "S010"));
        let send = |at| {
            format!(
                "[[send]]\nname = \"s{at}\"\nat = \"1m\"\nto = {{ devices = \"all\" }}\ntitle = \"t\"\nbody = \"b\""
            )
        };
        let sends = (0..2_000).map(send).collect::<Vec<_>>().join("\n");
        assert!(codes(&format!("[fleet]\nusers = 900_000\n{sends}")).iter().all(|code| *code == "S010"));
        let phone = |at| {
            format!(
                "[[device]]\nname = \"d{at}\"\nplatform = \"ios\"\npresence = {{ offline = 0.5, gap = \"{}s\" }}",
                at + 1
            )
        };
        let phones = (0..2_000).map(phone).collect::<Vec<_>>().join("\n");
        assert_eq!(codes(&phones), ["S010"]);
        assert!(text(&format!("a = {}", "[".repeat(100_000)), &[]).is_err());
        assert!(text(&format!("{}b = 1", "a.".repeat(100_000)), &[]).is_err());
    }

    fn words() -> Vec<&'static str> {
        super::super::template().split_whitespace().filter(|word| !word.starts_with('#')).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn mutated_scenarios_never_panic(cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..12, any::<prop::sample::Index>(), 0_u8..4), 1..6)) {
            let mut mutated: Vec<String> = super::super::template().lines().map(str::to_owned).collect();
            let words = words();
            for (line, skip, word, how) in cuts {
                let line = line.index(mutated.len());
                let word = words[word.index(words.len())];
                let mut parts: Vec<&str> = mutated[line].split(' ').collect();
                let at = skip.min(parts.len() - 1);
                match how {
                    0 => parts[at] = word,
                    1 => parts.insert(at, word),
                    2 => drop(parts.remove(at)),
                    _ => parts[at] = "\"\u{e9}99999999999999999999h/-1%\"",
                }
                mutated[line] = parts.join(" ").trim_start_matches("#: ").to_owned();
            }
            match text(&mutated.join("\n"), &[]) {
                Ok(loaded) => drop(loaded.warnings.to_string()),
                Err(all) => { all.render(super::super::Paint::Colour); all.machine(); }
            }
        }

        #[test]
        fn any_value_for_any_set_path_never_panics(key in "[a-z_]{1,12}", value in ".{0,20}", pick in any::<prop::sample::Index>()) {
            let paths = ["seed", "duration", "start", "timezone", "fleet.users", "fleet.devices_per_user", "fleet.cohort.iphones.presence",
                "fleet.cohort.iphones.share", "delivery.fcm.latency", "send.closure.at", "send.closure.to", "send.reminders.schedule",
                "fault.fcm-down.for", "fault.fcm-down.scope", "expect.the outage was felt.check", "live.speed", &key];
            let set = format!("{}={value}", paths[pick.index(paths.len())]);
            match text(super::super::template(), &[&set]) {
                Ok(loaded) => drop(loaded.warnings.to_string()),
                Err(all) => drop(all.to_string()),
            }
        }
    }
}
