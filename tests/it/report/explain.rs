//! Risk: an explanation contradicts the report. The end of every explanation is the forecast's fate to the millisecond;
//! a device without a copy gets a reason, and an unknown name is refused with the closest known one.

use tokio_util::sync::CancellationToken;

use reveille::outcome::{Explainer, Explanation, Question};
use reveille::rules::base::ids::DeviceIx;
use reveille::rules::base::time::SimTime;
use reveille::rules::model::world::World;
use reveille::rules::service::journey::{Journey, LossCause};
use reveille::run::{ForecastOptions, ForecastProgress, forecast};

use crate::fixtures::drivers::world;
use crate::fixtures::generated::scenario;
use crate::fixtures::program::{Folder, Said};

/// Random scenarios in one run of the tests.
const SCENARIOS: u64 = 60;
/// One pair in this many is explained, so that the test is quick.
const ONE_IN: usize = 13;

/// The report's words for a journey's cause and form.
fn words(world: &World, journey: Journey) -> (Option<String>, Option<String>) {
    let cause = match journey {
        Journey::Skipped(cause) => Some(cause.name()),
        Journey::Blocked(cause) => Some(cause.name()),
        Journey::Waiting(cause) => Some(cause.name()),
        Journey::Lost(LossCause::Gateway) => Some("gateway"),
        Journey::Lost(LossCause::Fault(fault)) => Some(world.faults[fault.at()].name.as_str()),
        Journey::Superseded | Journey::Discarded | Journey::Expired | Journey::Shown(_) => None,
    };
    let form = if let Journey::Shown(form) = journey { Some(form.name().to_owned()) } else { None };
    (cause.map(str::to_owned), form)
}

/// The step that settles a pair: the last one before the steps that follow a display.
fn end(explanation: &Explanation) -> &reveille::outcome::StepLine {
    let aftermath = ["exposed", "attention", "phone_changed", "dismissed"];
    let mut steps = explanation.steps.iter().rev();
    steps.find(|step| !aftermath.contains(&step.what.as_str())).expect("an explanation has steps")
}

#[test]
fn an_explanation_ends_as_the_forecast_does() {
    let (mut pairs, mut absent, mut refused) = (0, 0, 0);
    for number in 3_000..3_000 + SCENARIOS {
        let world = world(&scenario(number));
        let options = ForecastOptions { threads: 1, keep_fates: true, ..ForecastOptions::default() };
        let finished = forecast(&world, options, &ForecastProgress::default(), &CancellationToken::new());
        let finished = finished.expect("there is a thread for a forecast");
        let fates = finished.totals.fates.expect("they were asked for");
        let explainer = Explainer::new(&world);
        let devices = || (0..world.fleet.devices()).map(DeviceIx);
        let asked = finished.agenda.ledger().iter().flat_map(|entry| devices().map(move |device| (entry, device)));
        for (entry, device) in asked.skip(number as usize % ONE_IN).step_by(ONE_IN) {
            if entry.device.is_some_and(|addressed| addressed != device) {
                continue;
            }
            let question = Question { device, send: entry.send, occurrence: entry.occurrence };
            let told = explainer.explain(question);
            let what = || format!("scenario {number}, {told:#?}");
            assert!(told.steps.is_sorted_by_key(|step| step.at_ms), "{}", what());
            assert_eq!(told.message.attempts, u64::from(entry.attempts), "{}", what());
            let Ok(message) = entry.outcome else {
                refused += 1;
                assert_eq!((end(&told).what.as_str(), &told.pair), ("refused", &None), "{}", what());
                continue;
            };
            assert_eq!(told.message.accepted_at_ms, Some(entry.at.ms()), "{}", what());
            let Some(fate) = fates.get(&(message, device)) else {
                absent += 1;
                assert_eq!((end(&told).what.as_str(), &told.pair), ("not_in_audience", &None), "{}", what());
                assert_eq!(told.message.through, Vec::<String>::new(), "{}", what());
                continue;
            };
            pairs += 1;
            let pair = told.pair.as_ref().unwrap_or_else(|| panic!("{}", what()));
            let (cause, form) = words(&world, fate.journey);
            assert_eq!(
                (&pair.station[..], &pair.cause, &pair.form),
                (fate.journey.station().name(), &cause, &form),
                "{}",
                what()
            );
            assert_eq!(
                (pair.at_ms, pair.dismissed_at_ms),
                (fate.at.ms(), fate.dismissed_at.map(SimTime::ms)),
                "{}",
                what()
            );
            let last = end(&told);
            if fate.journey.is_settled() {
                assert_eq!(
                    (last.what.as_str(), last.at_ms),
                    (fate.journey.station().name(), fate.at.ms()),
                    "{}",
                    what()
                );
            } else {
                assert_eq!((last.what.as_str(), last.at_ms), ("still_waiting", world.horizon.ms()), "{}", what());
            }
            if told.message.kind == "group" && pair.class != "late_joiner" {
                assert_ne!(told.message.through, Vec::<String>::new(), "{}", what());
            }
            decided(&told);
        }
    }
    assert!(pairs > 1_000 && absent > 100 && refused > 100, "{pairs} pairs, {absent} absent, {refused} refused");
}

/// A draw below its threshold is exactly what makes the described event happen.
fn decided(told: &Explanation) {
    for step in &told.steps {
        let (Some(draw), Some(threshold)) = (step.draw, step.threshold) else { continue };
        let (is_below, words) = (u64::from(draw) < threshold, step.text.as_str());
        let says = match step.what.as_str() {
            "gateway_loss" | "fault_loss" => words.ends_with(": lost"),
            "duplicated" => !words.ends_with(": no second copy"),
            "attention" => words.starts_with("it is never dismissed"),
            _ => panic!("a threshold that is not known: {step:?}"),
        };
        assert_eq!(is_below, says, "{step:?}");
    }
}

/// A phone that is online, a Mac, a phone that is never online, one whose user joins too late, and one without a user.
const SMALL: &str = r#"
schema = 1
name = "small"
seed = 7
duration = "1h"
[fleet]
users = 3
devices_per_user = { "2" = 1 }
[[fleet.cohort]]
name = "phones"
share = 1
platform = "ios"
[[user]]
name = "ada"
[[user]]
name = "bob"
[[user]]
name = "cy"
[[device]]
name = "ada-phone"
user = "ada"
platform = "ios"
presence = "online"
attention = "90s"
[[device]]
name = "ada-mac"
user = "ada"
platform = "macos"
[[device]]
name = "bob-phone"
user = "bob"
platform = "ios"
presence = { offline = 1.0, gap = "1h" }
[[device]]
name = "cy-phone"
user = "cy"
platform = "ios"
[[device]]
name = "spare"
platform = "ios"
[[group]]
name = "staff"
users = ["ada", "bob"]
[delivery.apns]
latency = "2s"
loss = 0.002
[directory]
lag = "20m"
catch_up = "10m"
[[change]]
name = "hired"
kind = "join"
group = "staff"
users = ["cy"]
at = "9m"
[[send]]
name = "news"
schedule = { from = "10m", every = "10m", count = 2 }
to = { groups = ["staff"] }
title = "Quetzalcoatl"
body = "Popocatepetl"
[[send]]
name = "more"
at = "28m"
to = { groups = ["staff"] }
title = "Quetzalcoatl"
body = "Popocatepetl"
[[send]]
name = "ring"
at = "30m"
to = { device = "ada-phone" }
title = "Quetzalcoatl"
body = "Popocatepetl"
[[account]]
name = "intern"
[[send]]
name = "barred"
at = "40m"
to = { groups = ["staff"] }
as = "intern"
title = "Quetzalcoatl"
body = "Popocatepetl"
[[fault]]
name = "storm"
kind = "loss"
rate = 1.0
at = "20m"
for = "5m"
"#;

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("small.toml", SMALL);
    folder
}

fn asked(folder: &Folder, device: &str, message: &str, more: &[&str]) -> Said {
    let mut arguments = vec!["explain", "small.toml", "--device", device, "--message", message];
    arguments.extend(more);
    folder.run(&arguments)
}

fn text(name: &str, device: &str, message: &str) -> String {
    let said = asked(&folder(name), device, message, &[]).exits(0);
    assert_eq!(said.err, "", "an explanation is data");
    said.out
}

#[test]
fn a_message_that_is_shown_is_explained_to_its_dismissal() {
    insta::assert_snapshot!(text("explain-shown", "ada-phone", "news"), @r"
    news/0 on ada-phone  small · intune-2019 · seed 7
      ios · named · of ada · app company_portal · notifications allowed
      shown as banner at 0:10:02.000 (Mon 06:10 on its clock), dismissed at 0:11:32.000

      its clock           at        after
      Mon 06:10  0:10:00.000        +0 ms  accepted: to `staff`, sent by `administrator`
      Mon 06:10  0:10:00.000        +0 ms  in the audience: its user is in `staff`
      Mon 06:10  0:10:00.000        +0 ms  leaves the queue of apns at once
      Mon 06:10  0:10:00.000        +0 ms  loss of apns itself: drew 16.8 %, lost below 0.2 %: goes on
      Mon 06:10  0:10:00.000        +0 ms  on its way for 2 s (drew 79.7 %): reaches for the phone at
                                             0:10:02.000
      Mon 06:10  0:10:02.000         +2 s  arrives: the phone is unlocked, the app not open (drew 34.0 %;
                                             locked 0 %, open 0 % of the time)
      Mon 06:10  0:10:02.000         +2 s  shown: a banner on the unlocked phone
      Mon 06:10  0:10:02.000         +2 s  its user dismisses it 1 min 30 s later, at 0:11:32.000 (drew 56.8
                                             %, never dismissed below 0 %)
      Mon 06:11  0:11:32.000  +1 min 32 s  dismissed: the notification leaves the screen
    ");
}

#[test]
fn a_message_that_is_lost_names_the_fault_its_draw_and_its_rate() {
    insta::assert_snapshot!(text("explain-lost", "ada-phone", "news/1"), @r"
    news/1 on ada-phone  small · intune-2019 · seed 7
      ios · named · of ada · app company_portal · notifications allowed
      lost/storm at 0:20:00.000 (Mon 06:20 on its clock)

      its clock           at  after
      Mon 06:20  0:20:00.000  +0 ms  accepted: to `staff`, sent by `administrator`
      Mon 06:20  0:20:00.000  +0 ms  in the audience: its user is in `staff`
      Mon 06:20  0:20:00.000  +0 ms  leaves the queue of apns at once
      Mon 06:20  0:20:00.000  +0 ms  loss fault `storm`: drew 60.7 %, lost below 100 %: lost
      Mon 06:20  0:20:00.000  +0 ms  lost to fault `storm`; it is never sent again
    ");
}

#[test]
fn a_message_that_is_superseded_names_the_one_that_took_its_place() {
    insta::assert_snapshot!(text("explain-superseded", "bob-phone", "news"), @r"
    news/0 on bob-phone  small · intune-2019 · seed 7
      ios · named · of bob · app company_portal · notifications allowed
      superseded at 0:28:02.000 (Mon 06:28 on its clock)

      its clock           at         after
      Mon 06:10  0:10:00.000         +0 ms  accepted: to `staff`, sent by `administrator`
      Mon 06:10  0:10:00.000         +0 ms  in the audience: its user is in `staff`
      Mon 06:10  0:10:00.000         +0 ms  leaves the queue of apns at once
      Mon 06:10  0:10:00.000         +0 ms  loss of apns itself: drew 83.1 %, lost below 0.2 %: goes on
      Mon 06:10  0:10:00.000         +0 ms  on its way for 2 s (drew 87.0 %): reaches for the phone at
                                              0:10:02.000
      Mon 06:10  0:10:02.000          +2 s  finds the phone offline, as it is at times; online again after
                                              the end of the scenario
      Mon 06:10  0:10:02.000          +2 s  stored by apns until the phone is online: number 1 of at most 1
      Mon 06:28  0:28:02.000  +18 min 02 s  superseded by `more/0`: apns stores the newest 1 for a phone that
                                              is offline, and drops the rest
    ");
}

#[test]
fn a_message_that_is_skipped_says_why() {
    insta::assert_snapshot!(text("explain-skipped", "ada-mac", "news"), @r"
    news/0 on ada-mac  small · intune-2019 · seed 7
      macos · named · of ada · app company_portal · notifications allowed
      skipped/unsupported_platform at 0:10:00.000 (Mon 06:10 on its clock)

      its clock           at  after
      Mon 06:10  0:10:00.000  +0 ms  accepted: to `staff`, sent by `administrator`
      Mon 06:10  0:10:00.000  +0 ms  in the audience: its user is in `staff`
      Mon 06:10  0:10:00.000  +0 ms  skipped: macos gets no custom notifications
    ");
}

#[test]
fn a_device_without_a_copy_gets_the_reason() {
    insta::assert_snapshot!(text("explain-absent", "cy-phone", "news"), @r"
    news/0 on cy-phone  small · intune-2019 · seed 7
      ios · named · of cy · app company_portal · notifications allowed
      no copy for this device

      its clock           at    after
      Mon 06:09  0:09:00.000           its user joins `staff` (change `hired`); the sender sees it at
                                         0:29:00.000
      Mon 06:10  0:10:00.000    +0 ms  accepted: to `staff`, sent by `administrator`
      Mon 06:20  0:20:00.000  +10 min  no copy: the sender sees its user in `staff` only at 0:29:00.000,
                                         too late for catch-up until 0:20:00.000
    ");
}
#[test]
fn an_unknown_name_is_wrong_usage_with_a_suggestion() {
    let folder = folder("explain-usage");
    for (device, message, words) in [
        ("ada-fone", "news", "no device is called `ada-fone`: did you mean `ada-phone`?"),
        ("ada", "news", "no device is called `ada`: user `ada` has the devices `ada-phone`, `ada-mac`"),
        ("user-2.7", "news", "user `user-2` has the devices `user-2.1`, `user-2.2`"),
        ("user-99.1", "news", "generated devices go from `user-1.1` to `user-3.2`"),
        ("ada-phone", "newss/1", "no send is called `newss`: did you mean `news`?"),
        ("ada-phone", "weather", "`check --plan` lists the sends, the first is `news`"),
        ("ada-phone", "news/7", "send `news` has no occurrence 7: it happens 2 times, from `news/0` to `news/1`"),
        ("user-1\u{1b}[31m", "news", r"no device is called `user-1\u{1b}[31m`: generated devices go"),
        ("ada-phone", "news/-1", "expected a number from 0, as in `news/0`"),
    ] {
        let said = asked(&folder, device, message, &[]).exits(2);
        assert!(said.err.contains(words), "{device} {message} does not say `{words}`:\n{}", said.err);
        assert_eq!(said.out, "", "{device} {message}");
    }
    for (arguments, words) in [
        (&["explain", "small.toml", "--message", "news"] as &[&str], "--device"),
        (&["explain", "small.toml", "--device", "spare"], "--message"),
        (&["explain", "nowhere.toml", "--device", "spare", "--message", "news"], "no such file"),
        (&["explain", "small.toml", "--device", "spare", "--message", "news", "--format", "xml"], "json"),
    ] {
        let said = folder.run(arguments).exits(2);
        assert!(said.err.contains(words), "{arguments:?} does not say `{words}`:\n{}", said.err);
    }
}

#[test]
fn json_has_the_same_content_and_no_text_of_a_message_r6() {
    let folder = folder("explain-json");
    let said = asked(&folder, "ada-phone", "news", &["--format", "json"]).exits(0);
    let told: Explanation = serde_json::from_value(said.json()).expect("an explanation");
    assert_eq!((told.scenario.as_str(), told.seed, told.device.user.as_deref()), ("small", 7, Some("ada")));
    let loss = told.steps.iter().find(|step| step.what == "gateway_loss").expect("the gateway's loss is read");
    assert_eq!(loss.threshold, Some(8_589_935), "0.2 % of 2³²");
    let pair = told.pair.as_ref().expect("the message has a pair with the device");
    assert_eq!((pair.at_ms, pair.dismissed_at_ms), (602_000, Some(692_000)));
    let other = asked(&folder, "ada-phone", "news", &["--format", "json", "--seed", "8"]).exits(0);
    assert_eq!(other.json()["seed"], 8);
    assert_ne!(other.json()["steps"], said.json()["steps"], "another seed draws other numbers");
    for device in ["ada-phone", "ada-mac", "bob-phone", "cy-phone", "spare"] {
        for message in ["news", "more", "ring", "barred"] {
            for form in ["text", "json"] {
                let said = asked(&folder, device, message, &["--format", form]).exits(0);
                let all = said.out + &said.err;
                assert!(!all.contains("Quetzalcoatl") && !all.contains("Popocatepetl"), "{all}");
            }
        }
    }
}

/// An iPhone under two offline faults that overlap, and an Android whose Play Services are gone.
const FAULTS: &str = r#"
schema = 1
name = "faults"
duration = "1h"
[[device]]
name = "phone"
platform = "ios"
[[device]]
name = "droid"
platform = "android"
[[send]]
name = "kept"
at = "12m"
to = { device = "phone" }
title = "t"
body = "b"
[[send]]
name = "once"
at = "13m"
to = { device = "phone" }
expiry = "0s"
title = "t"
body = "b"
[[send]]
name = "news"
at = "12m"
to = { device = "droid" }
title = "t"
body = "b"
[[fault]]
name = "first"
kind = "offline"
at = "10m"
for = "10m"
scope = { devices = ["phone"] }
[[fault]]
name = "second"
kind = "offline"
at = "15m"
for = "15m"
scope = { devices = ["phone"] }
[[fault]]
name = "gone"
kind = "play_services_down"
at = "10m"
for = "20m"
"#;

#[test]
fn an_offline_step_names_the_faults_that_prolong_it_and_an_online_phone_has_none() {
    let folder = Folder::new("explain-faults");
    folder.write("small.toml", FAULTS);
    let told = |device: &str, message: &str| -> Explanation {
        let said = asked(&folder, device, message, &["--format", "json"]).exits(0);
        serde_json::from_str(&said.out).expect("it is an explanation")
    };
    let offline = |told: &Explanation| {
        let step = told.steps.iter().find(|step| step.what == "offline");
        step.map(|step| (step.faults.clone(), step.text.clone()))
    };
    let (faults, text) = offline(&told("phone", "kept")).expect("the phone is offline");
    assert_eq!(faults, ["first", "second"]);
    assert!(text.ends_with("online again at 0:30:00.000"), "{text}");
    // It does not wait, so what begins later has no part in it.
    let (faults, _) = offline(&told("phone", "once")).expect("the phone is offline");
    assert_eq!(faults, ["first"]);
    let online = told("droid", "news");
    assert_eq!(offline(&online), None, "{online:#?}");
    assert_eq!(end(&online).faults, ["gone"]);
}
