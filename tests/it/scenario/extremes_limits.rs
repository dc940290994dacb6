//! Risk: a few lines request so much that memory is exhausted before a limit is checked. Each case goes through the
//! built program under a limit of its address space, which a built fleet would exceed.

use crate::fixtures::program::{Folder, end_of};
use crate::scenario::mutations::limited;

/// The address space of `check`, in kB: a tenth of what the smallest of these cases would take if it were built.
const MEMORY_KB_MAX: u64 = 400_000;

const HEAD: &str = "schema = 1\nname = \"t\"\nduration = \"1h\"\n";

/// Sends after a schedule, each with as many occurrences as a schedule may have.
fn sends(count: usize, to: &str) -> String {
    let send = |at| {
        format!(
            "[[send]]\nname = \"s{at}\"\nto = {to}\ntitle = \"t\"\nbody = \"b\"\nschedule = {{ rate = \"270/s\" }}\n"
        )
    };
    (0..count).map(send).collect()
}

/// Recurring faults.
fn faults(count: usize, times: &str) -> String {
    let fault = |at| format!("[[fault]]\nname = \"f{at}\"\nkind = \"offline\"\nat = \"0s\"\n{times}\n");
    (0..count).map(fault).collect()
}

/// Excessive requests, with the message about each.
fn too_much() -> Vec<(String, &'static str)> {
    let users = |users: &str| (format!("[fleet]\nusers = {users}\n"), "expected a whole number from 0 to 100000000");
    let huge = "[fleet]\nusers = 100_000_000\n";
    let cohort = |name: &str, devices: u64| {
        format!("[[fleet.cohort]]\nname = \"{name}\"\nplatform = \"ios\"\ndevices = {devices}\n")
    };
    let sampled = |name: &str| format!("[[group]]\nname = \"{name}\"\nusers = {{ sample = 99_999_999 }}\n");
    let share = |name: usize| format!("[[group]]\nname = \"g{name}\"\nusers = {{ share = 0.5 }}\n");
    let to_sample = "{ devices = { sample = 99_999_999 } }";
    let presence = |keys: &str| format!("[[device]]\nname = \"d\"\nplatform = \"ios\"\npresence = {{ {keys} }}\n");
    vec![
        users("100_000_001"),
        users("1_000_000_000"),
        users("4_294_967_295"),
        users("4_294_967_296"),
        users("18_446_744_073_709_551_616"),
        (format!("{huge}devices_per_user = 100\n"), "a fleet of 10000000000 devices"),
        (format!("{huge}devices_per_user = {{ \"1\" = 0.5, \"100\" = 0.5 }}\n"), "a fleet of 5050000000 devices"),
        (cohort("a", 1_000_000_000), "expected a whole number from 0 to 100000000"),
        (cohort("a", 100_000_000) + &cohort("b", 100_000_000), "cohorts of 200000000 devices in all"),
        (format!("{huge}{}{}", sampled("a"), sampled("b")), "samples of more than 10,000,000"),
        (format!("{huge}{}", sends(1, to_sample)), "samples of more than 10,000,000"),
        (format!("[fleet]\nusers = 0\n{}", share(0) + &sampled("x")), "a sample of 99999999 among 0 users"),
        (sends(150, "{ groups = [\"All users\"] }"), "its sends at most 10,000,000 occurrences"),
        (sends(1, "{ groups = [\"All users\"] }").replace("270/s", "1000000000/s"), "more than 1000000 occurrences"),
        (faults(1, "for = \"1ms\"\nevery = \"0s\""), "`every` is zero, which means nothing here"),
        (faults(1, "for = \"1ms\"\nevery = \"2ms\""), "comes more than 100,000 times"),
        (faults(30, "for = \"1ms\"\nevery = \"100ms\""), "come more than 1,000,000 times in all"),
        (presence("offline = 0.5, gap = \"1ms\""), "expected at least 1s"),
        (
            presence("offline = 0.5, night = { from = \"22:00\", to = \"06:00\", offline = 0.5, gap = \"0s\" }"),
            "`gap` is zero, which means nothing here",
        ),
    ]
}

#[test]
fn an_excessive_scenario_is_refused_before_anything_is_built() {
    let (folder, all) = (Folder::new("extremes_limits"), too_much());
    let names: Vec<String> = (0..all.len()).map(|at| format!("{at}.toml")).collect();
    for (name, (text, _)) in names.iter().zip(&all) {
        folder.write(name, &format!("{HEAD}{text}"));
    }
    for (name, (text, words)) in names.iter().zip(&all) {
        let said = end_of(&mut limited(&folder, &["check", name], MEMORY_KB_MAX)).exits(2);
        assert!(said.err.contains(words), "`{words}` is not told of\n{text}\n{}", said.err);
    }
}

#[test]
fn the_largest_fleet_is_checked_in_a_few_megabytes() {
    let folder = Folder::new("extremes_largest");
    for (name, keys) in [("one.toml", "users = 100_000_000"), ("two.toml", "users = 50_000_000\ndevices_per_user = 2")]
    {
        folder.write(name, &format!("{HEAD}[fleet]\n{keys}\n"));
        end_of(&mut limited(&folder, &["check", name], MEMORY_KB_MAX)).exits(0);
    }
}
