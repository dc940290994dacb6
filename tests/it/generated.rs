//! Small random scenarios as text, from a number: all parts of the model, often at the same millisecond. A failure
//! prints the number and the text, so that it can be run by hand.

use std::fmt::Write;

use rand::RngExt;
use reveille::rules::base::chance::{Chance, Purpose, Stream};
use reveille::rules::base::ids::Key;

/// The scenario of a number.
pub(crate) fn scenario(number: u64) -> String {
    let stream = |nth| Chance::new(number).stream(Purpose::Plan, Key(nth));
    let mut dice = Dice(stream(0));
    // A separate stream, so that the rest of a number's scenario does not depend on it.
    let mut service = Dice(stream(1));
    let mut text = String::new();
    let out = &mut text;
    dice.head(out, number);
    service.service(out);
    dice.fleet(out);
    dice.delivery(out);
    dice.changes(out);
    dice.sends(&mut service, out);
    dice.faults(out);
    text
}

/// Scenarios that [`WRITE`] writes.
const WRITTEN: u64 = 200;
/// The folder into which random scenarios are written, for `tests/same`.
const WRITE: &str = "REVEILLE_WRITE_SCENARIOS";

#[test]
fn a_number_gives_the_same_scenario_each_time() {
    for number in 0..WRITTEN {
        assert_eq!(scenario(number), scenario(number), "{number}");
    }
    let Some(folder) = std::env::var_os(WRITE).map(std::path::PathBuf::from) else { return };
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    for number in 0..WRITTEN {
        std::fs::write(folder.join(format!("random-{number:03}.toml")), scenario(number))
            .expect("a scenario is written");
    }
}

struct Dice(Stream);

impl Dice {
    fn below(&mut self, n: u32) -> u32 {
        self.0.random_range(0..n)
    }

    fn one<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len() as u32) as usize]
    }

    fn often(&mut self) -> bool {
        self.below(3) > 0
    }

    fn seldom(&mut self) -> bool {
        self.below(4) == 0
    }

    /// A moment of the two hours, on a coarse grid so that much happens at once, sometimes a millisecond beside it.
    fn moment(&mut self) -> String {
        let at = i64::from(self.below(72)) * 100_000 + i64::from(self.below(5) == 0) * (i64::from(self.below(3)) - 1);
        format!("{}ms", at.max(0))
    }

    fn head(&mut self, out: &mut String, number: u64) {
        let profile = self.one(&["intune-2019", "intune-2025"]);
        let _ = writeln!(
            out,
            "schema = 1\nname = \"generated-{number}\"\nseed = {number}\nduration = \"2h\"\nprofile = \"{profile}\"\n\
             timezone = \"{}\"",
            self.one(&["UTC", "+01:00", "-07:30"])
        );
    }

    /// Half of the scenarios keep the default service.
    fn service(&mut self, out: &mut String) {
        if self.below(2) == 0 {
            return;
        }
        let _ = writeln!(out, "start = 2026-01-05T06:{}0:00Z\n[service]", self.below(6));
        for (key, words) in [
            ("blank_text", ["refused", "accepted"]),
            ("group_slots", ["message", "group"]),
            ("device_quota", ["single", "all"]),
            ("quota_hour", ["sliding", "clock"]),
            ("refused_attempt", ["free", "counted"]),
            ("retry_hint", ["told", "withheld"]),
        ] {
            let _ = writeln!(out, "{key} = \"{}\"", self.one(&words));
        }
    }

    fn fleet(&mut self, out: &mut String) {
        let users = self.below(25) + 3;
        let _ = writeln!(out, "[fleet]\nusers = {users}\ndevices_per_user = {{ \"1\" = 0.6, \"2\" = 0.4 }}");
        for (at, platform) in ["ios", "android", "ipados", "android", "macos"].iter().enumerate() {
            let _ = writeln!(
                out,
                "[[fleet.cohort]]\nname = \"c{at}\"\nshare = {}\nplatform = \"{platform}\"\nlabels = {{ region = \"{}\" }}",
                ["0.3", "0.3", "0.1", "0.2", "0.1"][at],
                ["north", "south"][at % 2],
            );
            let _ = match self.below(4) {
                0 => writeln!(out, "presence = \"online\""),
                1 => writeln!(
                    out,
                    "presence = {{ offline = 0.5, gap = \"3m\", night = {{ from = \"06:30\", to = \"07:10\", offline = 0.9 }} }}"
                ),
                _ => writeln!(out, "presence = {{ offline = 0.4, gap = \"7m\" }}"),
            };
            let _ = match self.below(3) {
                0 => writeln!(out, "attention = \"never\""),
                1 => writeln!(out, "attention = \"10s\""),
                _ => writeln!(out, "attention = {{ median = \"1m\", p95 = \"30m\", never = 0.2 }}"),
            };
            if self.often() {
                let _ = writeln!(
                    out,
                    "enrolled = 0.9\nenrolled_by_another = 0.05\npush_permission = 0.8\nforeground = 0.3\nlocked = 0.5\n\
                     app = {{ company_portal = 0.7, intune = 0.2, none = 0.1 }}"
                );
            }
        }
        for at in 0..3 {
            let _ = writeln!(
                out,
                "[[user]]\nname = \"u{at}\"\n[[device]]\nname = \"d{at}\"\nuser = \"u{at}\"\nplatform = \"{}\"\nenrolled = {}",
                self.one(&["ios", "android"]),
                self.often(),
            );
        }
        for at in 0..4 {
            let users = ["[\"u0\", \"u1\"]", "{ share = 0.5 }", "\"all\"", "{ sample = 2 }"][at];
            let _ = writeln!(out, "[[group]]\nname = \"g{at}\"\nusers = {users}\ngroups = [\"g{}\"]", self.below(4));
        }
        let _ = writeln!(out, "[[account]]\nname = \"desk\"\nrole = \"Help Desk Operator\"");
        let _ = writeln!(
            out,
            "[[account]]\nname = \"local\"\nrole = \"Tenant administrator\"\nscope_groups = [\"g{}\"]",
            self.below(4)
        );
    }

    fn delivery(&mut self, out: &mut String) {
        for gateway in ["apns", "fcm"] {
            let latency = self.one(&["\"0ms\"", "\"100s\"", "{ median = \"1s\", p95 = \"2m\" }", "\"2s\""]);
            let _ = writeln!(out, "[delivery.{gateway}]\nlatency = {latency}\nloss = {}", self.one(&["0", "0.05"]));
            let _ = writeln!(out, "retry = {}", self.one(&["\"0ms\"", "\"100s\"", "{ from = \"0s\", to = \"60s\" }"]));
            let _ = writeln!(out, "stored = {}", self.below(4));
            if self.seldom() {
                let _ = writeln!(out, "capacity = \"{}/min\"", self.below(20) + 1);
            }
            if self.seldom() {
                let _ = writeln!(out, "expiry = {}", self.one(&["\"0s\"", "\"300s\"", "\"10m\""]));
            }
            if gateway == "fcm" && self.seldom() {
                let _ = writeln!(out, "priority = \"normal\"\ndoze = \"{}\"", self.one(&["off", "light", "deep"]));
            }
        }
        let lag = self.one(&["\"0s\"", "\"100s\"", "{ median = \"5m\", p95 = \"1h\" }"]);
        let _ = writeln!(out, "[directory]\nlag = {lag}\ncatch_up = {}", self.one(&["\"0s\"", "\"15m\"", "\"1h\""]));
    }

    fn changes(&mut self, out: &mut String) {
        let kinds = [
            "join",
            "leave",
            "enroll",
            "unenroll",
            "install_app",
            "remove_app",
            "update_app",
            "open_app",
            "grant_permission",
            "revoke_permission",
        ];
        for at in 0..self.below(9) {
            let kind = self.one(&kinds);
            let _ = writeln!(out, "[[change]]\nname = \"k{at}\"\nkind = \"{kind}\"\nat = \"{}\"", self.moment());
            if matches!(kind, "join" | "leave") {
                let _ = writeln!(
                    out,
                    "group = \"g{}\"\nusers = {}",
                    self.below(4),
                    self.one(&["[\"u2\"]", "{ sample = 3 }"])
                );
            } else {
                let _ = writeln!(
                    out,
                    "{}",
                    self.one(&["devices = [\"d0\", \"d1\"]", "devices = { sample = 5 }", "users = { sample = 3 }"])
                );
            }
        }
    }

    fn sends(&mut self, texts: &mut Self, out: &mut String) {
        for at in 0..self.below(6) + 2 {
            let title = if texts.below(12) == 0 { " " } else { "t" };
            let _ = writeln!(out, "[[send]]\nname = \"s{at}\"\ntitle = \"{title}\"\nbody = \"b\"");
            let _ = match self.below(4) {
                0 => writeln!(out, "at = \"{}\"", self.moment()),
                1 => writeln!(
                    out,
                    "schedule = {{ from = \"{}\", for = \"10m\", rate = \"{}/h\", arrivals = \"{}\" }}",
                    self.moment(),
                    self.below(200) + 1,
                    self.one(&["regular", "poisson"])
                ),
                _ => writeln!(
                    out,
                    "schedule = {{ from = \"{}\", every = \"{}s\", count = {} }}",
                    self.moment(),
                    self.one(&["1", "50", "100"]),
                    self.below(20) + 1
                ),
            };
            let _ = match self.below(5) {
                0 => writeln!(out, "to = {{ device = \"d{}\" }}", self.below(3)),
                1 => writeln!(out, "to = {{ devices = {{ sample = 4 }} }}"),
                _ => writeln!(out, "to = {{ groups = [\"g{}\", \"g{}\"] }}", self.below(4), self.below(4)),
            };
            if self.seldom() {
                let _ = writeln!(out, "as = \"{}\"", self.one(&["desk", "local"]));
            }
            if self.seldom() {
                let _ = writeln!(out, "expiry = \"{}\"", self.one(&["0s", "100s", "1h"]));
            }
            if self.often() {
                let _ = writeln!(out, "on_refusal = {{ retry_after = {} }}", self.below(4));
            }
        }
    }

    fn faults(&mut self, out: &mut String) {
        let kinds = [
            "kind = \"outage\"\nmode = \"hold\"",
            "kind = \"outage\"\nmode = \"hold\"",
            "kind = \"outage\"\nmode = \"refuse\"",
            "kind = \"loss\"\nrate = 0.4",
            "kind = \"loss\"\nrate = 0.5\ncorrelation = \"5m\"",
            "kind = \"delay\"\ndelay = \"100s\"",
            "kind = \"delay\"\ndelay = { median = \"10s\", p95 = \"3m\" }",
            "kind = \"duplicate\"\nrate = 0.6",
            "kind = \"throttle\"\nrate = \"12/min\"",
            "kind = \"throttle\"\nrate = \"0/s\"",
            "kind = \"offline\"",
            "kind = \"offline\"",
            "kind = \"play_services_down\"",
            "kind = \"permission_revoked\"",
            "kind = \"app_removed\"",
            "kind = \"directory_lag\"\ndelay = \"4m\"",
        ];
        for at in 0..self.below(8) {
            let kind = self.one(&kinds);
            let _ = writeln!(
                out,
                "[[fault]]\nname = \"f{at}\"\nmay_touch_nothing = true\n{kind}\nat = \"{}\"",
                self.moment()
            );
            let forever = self.below(6) == 0;
            if !forever {
                let _ = writeln!(out, "for = \"{}\"", self.one(&["50s", "100s", "10m", "1h"]));
                if self.seldom() {
                    let _ = writeln!(out, "every = \"{}\"", self.one(&["61m", "90m"]));
                }
            }
            if (kind.contains("loss") || kind.contains("duplicate")) && self.seldom() {
                let _ = writeln!(out, "ramp = \"5m\"");
            }
            if kind.contains("throttle") {
                let _ = writeln!(
                    out,
                    "{}",
                    self.one(&["scope = { gateway = \"apns\" }", "scope = { gateway = \"fcm\" }", ""])
                );
            } else if !kind.contains("directory_lag") {
                let scopes = [
                    "",
                    "scope = { platform = \"android\" }",
                    "scope = { labels = { region = \"north\" } }",
                    "scope = { pick = \"50%\" }",
                    "scope = { gateway = \"apns\", pick = 0.7 }",
                    "scope = { devices = [\"d0\", \"d2\"] }",
                    "scope = { cohort = \"c1\" }",
                ];
                let _ = writeln!(out, "{}", self.one(&scopes));
            }
        }
    }
}
