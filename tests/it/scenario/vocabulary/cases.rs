//! Every key of the scenario language with two values that mean different things. Must not load them.

/// A key and two `--set` flags for it, whose worlds must differ. A line of the base that conflicts with them is
/// removed.
pub(super) struct Case {
    pub(super) key: String,
    pub(super) without: &'static str,
    pub(super) beside: &'static [&'static str],
    pub(super) ways: [String; 2],
}

/// A share of a cohort, and sites: neither goes with a number of devices.
const SHARED: &str = "share = 0.6\n[[fleet.site]]\nname = \"office\"\nusers = 10\n[[fleet.site]]\nname = \"branch\"\nshare = 1\n[[fleet.site]]\nname = \"yard\"\nshare = 1\n";

#[derive(Default)]
struct Cases(Vec<Case>);

impl Cases {
    /// `path` with each of two values.
    fn key(&mut self, key: &str, path: &str, values: [&str; 2]) {
        self.without("", key, path, values);
    }

    /// The same with a line removed from the base.
    fn without(&mut self, without: &'static str, key: &str, path: &str, values: [&str; 2]) {
        let ways = values.map(|value| format!("{path}={value}"));
        self.0.push(Case { key: key.to_owned(), without, beside: &[], ways });
    }

    /// The keys of a distribution of durations.
    fn distribution(&mut self, key: &str, path: &str) {
        for (inner, values) in [
            ("median", ["{ median = \"1s\", p95 = \"9s\" }", "{ median = \"2s\", p95 = \"9s\" }"]),
            ("p95", ["{ median = \"1s\", p95 = \"8s\" }", "{ median = \"1s\", p95 = \"9s\" }"]),
            ("mean", ["{ mean = \"1s\" }", "{ mean = \"2s\" }"]),
            ("quantiles", ["{ quantiles = { \"0.5\" = \"1s\" } }", "{ quantiles = { \"50%\" = \"2s\" } }"]),
            ("from", ["{ from = \"0s\", to = \"9s\" }", "{ from = \"1s\", to = \"9s\" }"]),
            ("to", ["{ from = \"0s\", to = \"8s\" }", "{ from = \"0s\", to = \"9s\" }"]),
            (
                "kind",
                ["{ kind = \"uniform\", from = \"0s\", to = \"8s\" }", "{ kind = \"exponential\", mean = \"8s\" }"],
            ),
        ] {
            self.key(&format!("{key}.{inner}"), path, values);
        }
        self.key(key, path, ["\"3s\"", "\"4s\""]);
    }

    /// The keys of a moment: since the start, or local.
    fn moment(&mut self, key: &str, path: &str) {
        self.key(key, path, ["\"10m\"", "\"11m\""]);
        self.key(&format!("{key}.local"), path, ["{ local = \"19:30\" }", "{ local = \"20:00\" }"]);
        let of = |zone: &str| format!("{{ local = \"19:30\", timezone = \"{zone}\" }}");
        self.key(&format!("{key}.timezone"), path, [&of("UTC"), &of("-01:00")]);
    }

    /// The keys of a schedule at `path`, in a base without its `at`.
    fn schedule(&mut self, noun: &str, without: &'static str, path: &str) {
        let at = format!("{noun}.schedule");
        let path = &format!("{path}.schedule");
        for (inner, values) in [
            ("from", ["{ from = \"1m\", every = \"1m\" }", "{ from = \"2m\", every = \"1m\" }"]),
            (
                "from.local",
                [
                    "{ from = { local = \"19:00\" }, every = \"1m\" }",
                    "{ from = { local = \"20:00\" }, every = \"1m\" }",
                ],
            ),
            (
                "from.timezone",
                [
                    "{ from = { local = \"20:00\", timezone = \"UTC\" }, every = \"1m\" }",
                    "{ from = { local = \"20:00\", timezone = \"+01:00\" }, every = \"1m\" }",
                ],
            ),
            ("every", ["{ every = \"1m\" }", "{ every = \"2m\" }"]),
            ("count", ["{ every = \"1m\", count = 1 }", "{ every = \"1m\", count = 2 }"]),
            ("for", ["{ rate = \"1/min\", for = \"1m\" }", "{ rate = \"1/min\", for = \"2m\" }"]),
            ("rate", ["{ rate = \"60/h\", for = \"3m\" }", "{ rate = \"2/min\", for = \"3m\" }"]),
            (
                "arrivals",
                [
                    "{ rate = \"1/min\", for = \"9m\", arrivals = \"regular\" }",
                    "{ rate = \"1/min\", for = \"9m\", arrivals = \"poisson\" }",
                ],
            ),
            (
                "stages.for",
                [
                    "{ stages = [{ for = \"2m\", rate = \"0/min\" }, { for = \"9m\", rate = \"1/min\" }] }",
                    "{ stages = [{ for = \"3m\", rate = \"0/min\" }, { for = \"9m\", rate = \"1/min\" }] }",
                ],
            ),
            (
                "stages.rate",
                [
                    "{ stages = [{ for = \"3m\", rate = \"1/min\" }] }",
                    "{ stages = [{ for = \"3m\", rate = \"1/s\" }] }",
                ],
            ),
        ] {
            self.without(without, &format!("{at}.{inner}"), path, values);
        }
    }

    /// The keys from which devices are drawn.
    fn drawn(&mut self, noun: &str, path: &str) {
        let mut one =
            |key: &str, values: [&str; 2]| self.key(&format!("{noun}.{key}"), &format!("{path}.{key}"), values);
        one("labels", ["{ region = \"a\" }", "{ region = \"b\" }"]);
        one("timezone", ["Europe/Paris", "-03:30"]);
        for key in [
            "enrolled",
            "enrolled_by_another",
            "app_outdated",
            "push_permission",
            "play_services",
            "force_stopped",
            "battery_restricted",
            "notification_access",
            "locked",
            "foreground",
        ] {
            if noun != "device" || key != "enrolled_by_another" {
                one(key, ["true", "false"]);
            }
        }
        one("enrollment", ["aosp", "dedicated"]);
        one("app", ["both", "intune"]);
        one("lock_screen", ["off", "hidden"]);
        one("presence", ["online", "{ offline = 0.1 }"]);
        one("presence", ["online", "day_and_night"]);
        if noun != "device" {
            one("enrolled", ["0.5", "51%"]);
            one("enrollment", ["{ aosp = 0.5, dedicated = 0.5 }", "{ aosp = 0.6, dedicated = 0.4 }"]);
            one("app", ["{ both = 0.5, none = 0.5 }", "{ both = 0.4, none = 0.6 }"]);
            one("lock_screen", ["{ full = 0.5, off = 0.5 }", "{ full = 0.4, off = 0.6 }"]);
        }
        let gaps = |more: &str| format!("{{ offline = 0.1{more} }}");
        let night = |more: &str| gaps(&format!(", night = {{ {more} }}"));
        let whole = format!("{path}.presence");
        let mut gaps_of = |key: &str, one: String, other: String| {
            self.key(&format!("{noun}.presence.{key}"), &whole, [&one, &other]);
        };
        gaps_of("offline", "{ offline = 0.1 }".to_owned(), "{ offline = \"20%\" }".to_owned());
        gaps_of("gap", gaps(", gap = \"1m\""), gaps(", gap = \"2m\""));
        let nights = |from: &str, to: &str, offline: &str, gap: &str| {
            night(&format!("from = \"{from}\", to = \"{to}\", offline = {offline}, gap = \"{gap}\""))
        };
        gaps_of("night.from", nights("23:00", "07:00", "0.6", "1h"), nights("22:00", "07:00", "0.6", "1h"));
        gaps_of("night.to", nights("23:00", "07:00", "0.6", "1h"), nights("23:00", "06:30", "0.6", "1h"));
        gaps_of("night.offline", nights("23:00", "07:00", "0.6", "1h"), nights("23:00", "07:00", "0.7", "1h"));
        gaps_of("night.gap", nights("23:00", "07:00", "0.6", "1h"), nights("23:00", "07:00", "0.6", "2h"));
        let attention = format!("{noun}.attention");
        let at = format!("{path}.attention");
        self.key(&attention, &at, ["never", "\"1m\""]);
        self.key(&format!("{attention}.never"), &at, ["{ never = 0.2 }", "{ never = \"30%\" }"]);
        self.key(
            &format!("{attention}.median"),
            &at,
            ["{ median = \"1s\", p95 = \"9s\" }", "{ median = \"2s\", p95 = \"9s\" }"],
        );
        self.key(
            &format!("{attention}.p95"),
            &at,
            ["{ median = \"1s\", p95 = \"8s\" }", "{ median = \"1s\", p95 = \"9s\" }"],
        );
        let asleep =
            |from: &str, to: &str| format!("{{ after = \"1h\", asleep = {{ from = \"{from}\", to = \"{to}\" }} }}");
        self.key(&format!("{attention}.asleep.from"), &at, [&asleep("23:00", "07:00"), &asleep("22:00", "07:00")]);
        self.key(&format!("{attention}.asleep.to"), &at, [&asleep("23:00", "07:00"), &asleep("23:00", "06:00")]);
        self.distribution(&format!("{attention}.after"), &format!("{at}.after"));
    }

    /// The keys of sites, and of what refers to them.
    fn sites(&mut self) {
        for (key, path, values) in [
            ("fleet.site.share", "fleet.site.branch.share", ["0.5", "\"40%\""]),
            ("fleet.site.users", "fleet.site.office.users", ["11", "12"]),
            ("fleet.site.timezone", "fleet.site.office.timezone", ["Europe/Paris", "-03:30"]),
            ("fleet.site.labels", "fleet.site.office.labels", ["{ floor = \"1\" }", "{ floor = \"2\" }"]),
            ("fleet.site.cohorts", "fleet.site.office.cohorts", ["{ phones = 1 }", "{ others = 1 }"]),
            ("fleet.site.offices", "fleet.site.office.offices", ["Lyon", "[\"Nice\"]"]),
            (
                "directory.users.device_labels",
                "directory.users.people.device_labels",
                ["[\"office\"]", "[\"department\", \"office\"]"],
            ),
            ("fleet.import.site", "fleet.import.bought.site", ["office", "branch"]),
            ("user.site", "user.ada.site", ["office", "branch"]),
            ("user.labels", "user.ada.labels", ["{ floor = \"1\" }", "{ floor = \"2\" }"]),
            ("user.timezone", "user.ada.timezone", ["Europe/Paris", "-03:30"]),
            ("group.users.site", "group.staff.users", ["{ site = \"office\" }", "{ site = [\"office\", \"branch\"] }"]),
            (
                "group.users.labels",
                "group.staff.users",
                ["{ labels = { site = \"office\" } }", "{ labels = { site = \"branch\" } }"],
            ),
            (
                "group.users.cohort",
                "group.staff.users",
                ["{ cohort = \"phones\" }", "{ cohort = [\"phones\", \"others\"] }"],
            ),
            ("send.to.site", "send.news.to", ["{ site = \"office\" }", "{ site = [\"office\", \"branch\"] }"]),
        ] {
            self.key(key, path, values);
        }
        let at = ["{ local = \"19:30\" }", "{ local = \"19:30\", zone = \"each\" }"];
        self.key("send.at.zone", "send.news.at", at);
        self.beside(&["fleet.site.office.timezone=Europe/Paris", "send.news.to={ site = \"all\" }"]);
    }

    /// Flags that the last case needs.
    fn beside(&mut self, sets: &'static [&'static str]) {
        self.0.last_mut().expect("it was just put there").beside = sets;
    }

    fn gateway(&mut self, name: &str) {
        let path = format!("delivery.{name}");
        self.distribution(&format!("{path}.latency"), &format!("{path}.latency"));
        self.distribution(&format!("{path}.retry"), &format!("{path}.retry"));
        for (key, values) in
            [("loss", ["1%", "2%"]), ("capacity", ["none", "9/s"]), ("stored", ["3", "4"]), ("expiry", ["1h", "2h"])]
        {
            self.key(&format!("{path}.{key}"), &format!("{path}.{key}"), values);
        }
    }

    /// The conditions of expectations, each on one that takes it.
    fn conditions(&mut self) {
        for (key, expectation, values) in [
            ("send", "most", ["news", "ring"]),
            ("group", "most", ["staff", "All users"]),
            ("kind", "most", ["group", "device"]),
            ("platform", "most", ["ios", "android"]),
            ("gateway", "most", ["apns", "fcm"]),
            ("cohort", "most", ["phones", "named"]),
            ("labels", "most", ["{ region = \"north\" }", "{ ownership = \"personal\" }"]),
            ("outcome", "asked", ["accepted", "refused"]),
            ("reason", "asked", ["scope", "permission"]),
            ("station", "ends", ["lost", "waiting"]),
            ("cause", "ends", ["gateway", "leak"]),
            ("form", "ends", ["banner", "stub"]),
            ("audience", "who", ["member", "late_joiner"]),
            ("fault", "healed", ["down", "slow"]),
        ] {
            self.key(&format!("expect.where.{key}"), &format!("expect.{expectation}.where.{key}"), values);
            self.beside(&["send.news.to={ groups = [\"staff\", \"All users\"] }"]);
        }
    }
}

/// Every key with two values.
pub(super) fn cases() -> Vec<Case> {
    let mut all = Cases::default();
    things(&mut all);
    events(&mut all);
    all.0
}

/// The static parts: the run, the fleet, groups, accounts, the road.
fn things(all: &mut Cases) {
    for (key, values) in [
        ("name", ["a", "b"]),
        ("seed", ["1", "2"]),
        ("start", ["2026-01-05T06:00:00Z", "2026-01-05T06:00:00+01:00"]),
        ("timezone", ["UTC", "Europe/Paris"]),
        ("domain", ["a.example", "b.example"]),
        ("duration", ["5h", "7h"]),
        ("profile", ["intune-2019", "intune-2025"]),
        ("service.character", ["utf16", "scalar"]),
        ("service.blank_text", ["refused", "accepted"]),
        ("service.group_slots", ["message", "group"]),
        ("service.device_quota", ["single", "all"]),
        ("service.quota_hour", ["sliding", "clock"]),
        ("service.refused_attempt", ["free", "counted"]),
        ("service.retry_hint", ["told", "withheld"]),
        ("fleet.users", ["41", "42"]),
        ("fleet.devices_per_user", ["1", "{ \"1\" = 0.5, \"2\" = 0.5 }"]),
        ("directory.catch_up", ["1m", "2m"]),
        ("report.windows", ["[\"10m\"]", "[\"10m\", \"20:00\"]"]),
        ("baseline.max_regression", ["3%", "4%"]),
        ("live.speed", ["60", "0.5"]),
        ("live.resident_actors_max", ["7", "8"]),
        ("live.shards", ["1", "2"]),
        ("live.lag_p99_max", ["1s", "2s"]),
        ("live.metrics_listen", ["127.0.0.1:1", "127.0.0.1:2"]),
    ] {
        all.key(key, key, values);
    }
    for (key, values) in [("max_regression", ["1%", "0.03"]), ("ignore", ["1%", "2%"])] {
        all.key(&format!("baseline.limit.{key}"), &format!("baseline.limit.pairs.{key}"), values);
    }
    all.drawn("fleet.defaults", "fleet.defaults");
    all.drawn("fleet.cohort", "fleet.cohort.phones");
    all.key("fleet.cohort.platform", "fleet.cohort.phones.platform", ["android", "windows"]);
    all.key("fleet.cohort.share", "fleet.cohort.phones.share", ["0.4", "\"50%\""]);
    all.without(SHARED, "fleet.cohort.devices", "fleet.cohort.others.devices", ["30", "31"]);
    all.drawn("fleet.import", "fleet.import.bought");
    all.drawn("device", "device.tab");
    all.key("device.user", "device.tab.user", ["ada", "bob"]);
    all.key("device.platform", "device.pad.platform", ["ios", "macos"]);
    all.key("device.enrolled_by", "device.tab.enrolled_by", ["ada", "bob"]);
    for (key, values) in [
        ("users", ["all", "[\"bob\"]"]),
        ("users.share", ["{ share = 0.2 }", "{ share = 0.4 }"]),
        ("users.sample", ["{ sample = 3 }", "{ sample = 4 }"]),
        ("users.from", ["{ from = 3, to = 9 }", "{ from = 4, to = 9 }"]),
        ("users.to", ["{ from = 3, to = 9 }", "{ from = 3, to = 8 }"]),
        ("groups", ["[\"board\"]", "[\"All users\"]"]),
    ] {
        let path = format!("group.staff.{}", key.split('.').next().expect("a key has a first part"));
        all.key(&format!("group.{key}"), &path, values);
    }
    all.sites();
    all.key("account.role", "account.desk.role", ["Help Desk Operator", "Tenant administrator"]);
    all.key("account.permissions", "account.desk.permissions", ["[]", "[\"organization.update\"]"]);
    all.key("account.scope_groups", "account.desk.scope_groups", ["[\"staff\"]", "[\"board\"]"]);
    all.gateway("apns");
    all.gateway("fcm");
    all.key("delivery.fcm.priority", "delivery.fcm.priority", ["high", "normal"]);
    all.key("delivery.fcm.doze", "delivery.fcm.doze", ["off", "deep"]);
    all.distribution("directory.lag", "directory.lag");
}

/// The events: changes, sends, faults, and expectations about them.
fn events(all: &mut Cases) {
    all.key("change.kind", "change.moves.kind", ["join", "leave"]);
    all.key("change.group", "change.moves.group", ["staff", "board"]);
    all.moment("change.at", "change.moves.at");
    all.key("change.users", "change.moves.users", ["[\"ada\"]", "all"]);
    all.key("change.users.sample", "change.moves.users", ["{ sample = 2 }", "{ sample = 3 }"]);
    all.key("change.devices", "change.phones.devices", ["[\"pad\"]", "all"]);
    all.key("change.devices.sample", "change.phones.devices", ["{ sample = 2 }", "{ sample = 3 }"]);
    all.key("send.to.groups", "send.news.to", ["{ groups = [\"staff\"] }", "{ groups = [\"board\"] }"]);
    all.key("send.to.device", "send.news.to", ["{ device = \"tab\" }", "{ device = \"pad\" }"]);
    all.key("send.to.devices", "send.news.to", ["{ devices = [\"tab\", \"pad\"] }", "{ devices = \"all\" }"]);
    all.key("send.to.devices.sample", "send.news.to", ["{ devices = { sample = 2 } }", "{ devices = { sample = 3 } }"]);
    all.schedule("send", "at = \"121m\"", "send.news");
    all.schedule("change", "at = \"61m\"", "change.moves");
    all.moment("send.at", "send.news.at");
    all.key("send.as", "send.news.as", ["desk", "administrator"]);
    all.key("send.on_refusal", "send.news.on_refusal", ["drop", "{ retry_after = 3 }"]);
    all.key("send.on_refusal.retry_after", "send.news.on_refusal", ["{ retry_after = 1 }", "{ retry_after = 2 }"]);
    all.key("send.title", "send.news.title", ["a", "b"]);
    all.key("send.body", "send.news.body", ["a", "b"]);
    all.key("send.expiry", "send.news.expiry", ["1h", "2h"]);
    all.key("fault.kind", "fault.down.kind", ["offline", "app_removed"]);
    all.moment("fault.at", "fault.down.at");
    all.without("at = \"190m\"", "fault.after", "fault.slow.after", ["down", "leak"]);
    all.key("fault.for", "fault.down.for", ["10m", "20m"]);
    all.key("fault.every", "fault.down.every", ["2h", "3h"]);
    all.key("fault.ramp", "fault.leak.ramp", ["1m", "2m"]);
    all.key("fault.mode", "fault.down.mode", ["hold", "refuse"]);
    all.key("fault.rate", "fault.leak.rate", ["1%", "2%"]);
    all.key("fault.correlation", "fault.leak.correlation", ["1m", "2m"]);
    all.distribution("fault.delay", "fault.slow.delay");
    all.key("fault.actors", "fault.naps.actors", ["device", "portal"]);
    all.key("fault.may_touch_nothing", "fault.down.may_touch_nothing", ["true", "false"]);
    for (key, values) in [
        ("platform", ["ios", "ipados"]),
        ("cohort", ["phones", "named"]),
        ("labels", ["{ region = \"north\" }", "{ ownership = \"personal\" }"]),
        ("gateway", ["apns", "fcm"]),
        ("devices", ["[\"tab\"]", "[\"pad\"]"]),
        ("pick", ["40%", "0.5"]),
    ] {
        all.key(&format!("fault.scope.{key}"), &format!("fault.down.scope.{key}"), values);
    }
    all.key("expect.metric", "expect.most.metric", ["reach", "reach_eligible"]);
    all.key("expect.within", "expect.most.within", ["15m", "20:00"]);
    all.key("expect.by", "expect.most.by", ["platform", "label:region"]);
    all.key("expect.window", "expect.most.window", ["1h", "2h"]);
    all.key("expect.check", "expect.most.check", [">= 0.2", "in [0.1, 0.2]"]);
    all.key("expect.during", "expect.most.during", ["fault:leak", "recovery:down"]);
    all.key("expect.abort", "expect.asked.abort", ["true", "false"]);
    all.conditions();
}
