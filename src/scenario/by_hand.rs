//! A fault that is started by hand: one `[[fault]]` as JSON, read like those of a scenario. Must not start it.

use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::Fault;
use crate::rules::model::world::World;
use crate::rules::timeline::revision::may_start;

use super::build::builder::Build;
use super::build::fleet::Roster;
use super::build::names::Names;
use super::build::{delivery, faults};
use super::diagnostics::diagnostic::{Code, Diagnostic, Diagnostics};
use super::diagnostics::limits::FAULT_BYTES_MAX;
use super::diagnostics::source::{Source, SourceSpan};
use super::grammar::timeline_keys::FAULT;
use super::text::view::View;
use super::text::{check, json};

/// Reads a fault that begins at `at`, for a world with other faults: its keys are those of a `[[fault]]`, without `at`
/// and `after`.
///
/// # Errors
/// Every problem. Warnings of a scenario are errors here, because a request has no place for warnings.
pub fn fault_by_hand(text: &str, world: &World, at: SimTime) -> Result<Fault, Diagnostics> {
    let mut build = Build::default();
    let fits = text.len() <= FAULT_BYTES_MAX;
    let source = build.out.add_source(Source::new("the fault", if fits { text } else { "" }));
    let place = SourceSpan { source, ..SourceSpan::default() };
    if !fits {
        let found = Diagnostic::new(Code::TooMuch, place, format!("a fault of {} bytes", text.len()));
        build.report(
            found.help("a fault by hand has at most 65,536 bytes: cover devices by `cohort`, `labels` or `pick`"),
        );
        return Err(build.out);
    }
    let Some(mut table) = json::parse(source, &mut build.out) else { return Err(build.out) };
    check::table(&mut table, &FAULT, place, &mut build.out);
    let view = View { table: &table, place };
    for key in ["at", "after"].into_iter().filter(|key| view.has(key)) {
        let found = Diagnostic::new(Code::Conflict, view.place_of(key), format!("a fault by hand has no `{key}`"));
        build.report(found.help("leave it out: the fault begins now"));
    }
    let taken: Vec<&str> =
        world.faults.iter().filter(|fault| !fault.is_over(at)).map(|fault| fault.name.as_str()).collect();
    Names::of("fault", &[view], &taken, &mut build.out);
    let mut windows_left = faults::windows_left(&world.faults, world.horizon);
    let read = faults::fault(view, at, &Roster::of(world), world.horizon, &mut windows_left, &mut build);
    let fault = Fault { by_hand: true, ..read };
    // A set of faults has no room beyond its limit: such a fault is refused when it is started, and its rates need no
    // check here.
    let has_place = may_start(&world.faults).is_ok();
    if build.out.is_empty() && has_place && !world.has_rates_under(&fault) {
        build.report(delivery::too_often(view.place_of("every")));
    }
    if !build.out.is_empty() {
        build.out.sort();
        return Err(build.out);
    }
    Ok(fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::base::chance::Ratio;
    use crate::rules::faults::fault::FaultKind;
    use crate::scenario::{Overrides, load};

    const SCENARIO: &str = r#"
        schema = 1
        name = "t"
        duration = "2h"
        [[device]]
        name = "phone"
        platform = "ios"
        [[fault]]
        name = "early"
        kind = "offline"
        at = "1m"
        for = "1m"
        [[fault]]
        name = "late"
        kind = "loss"
        rate = "5%"
        at = "10m"
        for = "1m"
        ramp = "10s"
        scope = { devices = ["phone"], pick = 0.5 }
    "#;

    fn world() -> World {
        let loaded = load(&Source::new("t.toml", SCENARIO), &mut |_| Err(String::new()), &Overrides::default());
        loaded.unwrap_or_else(|all| panic!("{all}")).world
    }

    fn codes(text: &str) -> Vec<&'static str> {
        let found = fault_by_hand(text, &world(), SimTime(300_000)).expect_err("something is wrong");
        let place = |diagnostic: &Diagnostic| &found.source(diagnostic.place).name == "the fault";
        assert!(found.iter().all(place), "{found}");
        found.iter().map(|one| one.code.code()).collect()
    }

    #[test]
    fn it_equals_the_fault_of_a_scenario() {
        let text = r#"{ "name": "new", "kind": "loss", "rate": "5%", "for": "1m", "ramp": "10s",
                        "scope": { "devices": ["phone"], "pick": 0.5 } }"#;
        let (world, at) = (world(), SimTime(300_000));
        let read = fault_by_hand(text, &world, at).unwrap_or_else(|all| panic!("{all}"));
        let same = world.faults[1].clone();
        assert_eq!(read, Fault { name: "new".to_owned(), key: read.key, at, by_hand: true, ..same });
        assert_eq!(read.kind, FaultKind::Loss { rate: Ratio::percent(5), burst_ms: None });
    }

    #[test]
    fn problems_are_reported_as_in_a_scenario_with_their_places() {
        assert_eq!(codes(r#"{ "name": "x", "kind": "loss", "raet": 0.5, "at": "1m" }"#), ["S004", "S001", "S009"]);
        assert_eq!(codes(r#"{ "name": "x", "kind": "outge" }"#), ["S006"]);
        assert_eq!(codes(r#"{ "name": "x", "kind": "loss", "rate": 7 }"#), ["S005"]);
        assert_eq!(codes(r#"{ "name": "x", "kind": "offline", "scope": { "devices": ["fone"] } }"#), ["S007"]);
        assert_eq!(codes(r#"{ "name": "x", "kind": "offline", "scope": { "platform": "android" } }"#), ["S102"]);
        assert_eq!(codes(r#"{ "name": "x", "kind": "offline", "for": null }"#), ["S003"]);
        assert_eq!(codes(r#"{ "name": " ", "kind": "offline" }"#), ["S005"]);
        assert_eq!(codes(r#"{ "name": "late", "kind": "offline" }"#), ["S008"]);
        assert_eq!(
            codes(r#"{ "kind": "throttle", "name": "x", "rate": "1/s", "for": "1ms", "every": "2ms" }"#),
            ["S010"]
        );
        assert_eq!(codes("[]"), ["S003"]);
        assert_eq!(codes("{"), ["S002"]);
        assert_eq!(codes(r#"{ "name": "\ud800", "kind": "offline" }"#), ["S002"]);
        assert_eq!(codes(&format!(r#"{{ "name": {}1{} }}"#, "[".repeat(9_000), "]".repeat(9_000))), ["S010"]);
        assert_eq!(codes(&format!(r#"{{ "name": "{}" }}"#, "x".repeat(70_000))), ["S010"]);
        let found = fault_by_hand("{\n \"name\": 5 }", &world(), SimTime::ZERO).expect_err("a name is a text");
        assert!(found.machine().iter().any(|one| (one.line, one.column) == (2, 10)), "{found}");
    }

    #[test]
    fn a_value_that_is_reported_is_not_used() {
        for every in ["0s", "-1s", "100y", "18446744073709551616ms"] {
            assert_eq!(
                codes(&format!(r#"{{ "name": "x", "kind": "offline", "for": "1s", "every": "{every}" }}"#)),
                ["S005"]
            );
        }
        assert_eq!(codes(r#"{ "name": "x", "kind": "offline", "for": "0s", "every": "1s" }"#), ["S005"]);
        assert_eq!(codes(r#"{ "name": "x", "kind": "offline", "for": "1ms", "every": "2ms" }"#), ["S010"]);
        assert_eq!(codes(r#"{ "name": "x", "kind": "offline", "for": "1m", "every": "1m" }"#), ["S009"]);
        assert_eq!(codes(r#"{ "name": "x", "kind": "stall", "rate": 1, "delay": "100d" }"#), ["S010"]);
    }

    #[test]
    fn the_windows_of_all_faults_are_counted_together() {
        let mut world = world();
        let often = r#"{ "name": "often", "kind": "offline", "for": "1ms", "every": "72ms" }"#;
        let mut started = 0;
        while let Ok(fault) = fault_by_hand(&often.replace("often", &format!("f{started}")), &world, SimTime(1)) {
            world.faults.push(fault);
            started += 1;
        }
        assert_eq!(started, 9, "each comes 100,000 times, and two faults of the scenario come once");
    }

    #[test]
    fn one_throttle_more_than_there_is_room_for_is_read_like_any_fault() {
        let mut world = world();
        let throttle = r#"{ "name": "f", "kind": "throttle", "rate": "1/s", "for": "1ms" }"#;
        let one = fault_by_hand(throttle, &world, SimTime(1)).unwrap_or_else(|all| panic!("{all}"));
        while world.faults.len() < crate::rules::base::limits::FAULTS_MAX {
            world.faults.push(Fault { name: world.faults.len().to_string(), ..one.clone() });
        }
        assert!(
            fault_by_hand(throttle, &world, SimTime(1)).is_ok(),
            "that there is no room is told when it is started"
        );
    }

    #[test]
    fn the_name_of_a_fault_that_is_over_is_free_again() {
        let text = r#"{ "name": "early", "kind": "offline" }"#;
        assert!(fault_by_hand(text, &world(), SimTime(119_999)).is_err());
        assert!(fault_by_hand(text, &world(), SimTime(120_000)).is_ok());
    }
}
