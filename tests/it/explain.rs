//! Risk: an explanation tells another story than the report. Whatever is asked, its end is the forecast's fate to the
//! millisecond; a device without a copy is told why, and what nobody knows is refused with the name that was meant.

use std::sync::atomic::AtomicBool;

use reveille::rules::ids::DeviceIx;
use reveille::rules::journey::{Journey, LossCause};
use reveille::rules::time::SimTime;
use reveille::rules::world::World;
use reveille::run::{Explainer, Explanation, ForecastOptions, ForecastProgress, Question, forecast};

use crate::drivers::world;
use crate::generated::scenario;
use crate::program::{Folder, Said};

/// Random scenarios that are looked at.
const SCENARIOS: u64 = 60;
/// One pair in so many is explained, so that the test is quick.
const ONE_IN: usize = 13;

/// What a word of the report says about a journey's cause and form.
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

/// The step that settles a pair: the last that is no aftermath of being shown.
fn end(explanation: &Explanation) -> &reveille::run::StepLine {
    let aftermath = ["exposed", "attention", "dismissed"];
    let mut steps = explanation.steps.iter().rev();
    steps.find(|step| !aftermath.contains(&step.what.as_str())).expect("an explanation has steps")
}

#[test]
fn an_explanation_ends_as_the_forecast_does() {
    let (mut pairs, mut absent, mut refused) = (0, 0, 0);
    for number in 3_000..3_000 + SCENARIOS {
        let world = world(&scenario(number));
        let options = ForecastOptions { threads: 1, devices_at_once: None, keep_fates: true };
        let finished = forecast(&world, options, &ForecastProgress::default(), &AtomicBool::new(false));
        let finished = finished.expect("there is a thread for a forecast");
        let fates = finished.books.fates.expect("they were asked for");
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

/// A draw below its threshold is what was said to happen, and only that.
fn decided(told: &Explanation) {
    for step in &told.steps {
        let (Some(draw), Some(threshold)) = (step.draw, step.threshold) else { continue };
        let (is_below, words) = (u64::from(draw) < threshold, step.text.as_str());
        let says = match step.what.as_str() {
            "gateway_loss" | "fault_loss" => words.ends_with(": lost"),
            "duplicated" => !words.ends_with(": no second copy"),
            "attention" => words.starts_with("nobody ever"),
            _ => panic!("a threshold that is not known: {step:?}"),
        };
        assert_eq!(is_below, says, "{step:?}");
    }
}

/// A phone that is online, one that never is, one that joins too late, a Mac, and a phone of nobody.
const SMALL: &str = "schema = 1\nname = \"small\"\nseed = 7\nduration = \"1h\"\n\
                     [directory]\nlag = \"20m\"\ncatch_up = \"10m\"\n[fleet]\nusers = 3\ndevices_per_user = { \"2\" = 1 }\n\
                     [[fleet.cohort]]\nname = \"phones\"\nshare = 1\nplatform = \"ios\"\n\
                     [[user]]\nname = \"ada\"\n[[user]]\nname = \"bob\"\n[[user]]\nname = \"cy\"\n\
                     [[device]]\nname = \"ada-phone\"\nuser = \"ada\"\nplatform = \"ios\"\npresence = \"online\"\n\
                     attention = \"90s\"\n\
                     [[device]]\nname = \"ada-mac\"\nuser = \"ada\"\nplatform = \"macos\"\n\
                     [[device]]\nname = \"bob-phone\"\nuser = \"bob\"\nplatform = \"ios\"\npresence = { offline = 1.0, gap = \"1h\" }\n\
                     [[device]]\nname = \"cy-phone\"\nuser = \"cy\"\nplatform = \"ios\"\n\
                     [[device]]\nname = \"spare\"\nplatform = \"ios\"\n\
                     [[group]]\nname = \"staff\"\nusers = [\"ada\", \"bob\"]\n\
                     [[delivery.apns]]\n";

fn small() -> String {
    let text = SMALL.replace("[[delivery.apns]]\n", "[delivery.apns]\nlatency = \"2s\"\nloss = 0.002\n");
    text + "[[change]]\nname = \"hired\"\nkind = \"join\"\ngroup = \"staff\"\nusers = [\"cy\"]\nat = \"9m\"\n\
            [[send]]\nname = \"news\"\nschedule = { from = \"10m\", every = \"10m\", count = 2 }\n\
            to = { groups = [\"staff\"] }\ntitle = \"Quetzalcoatl\"\nbody = \"Popocatepetl\"\n\
            [[send]]\nname = \"ring\"\nat = \"30m\"\nto = { device = \"ada-phone\" }\ntitle = \"t\"\nbody = \"b\"\n\
            [[send]]\nname = \"long\"\nat = \"40m\"\nto = { groups = [\"staff\"] }\n\
            title = \"Quetzalcoatl and Popocatepetl and Quetzalcoatl once more\"\nbody = \"b\"\n\
            [[fault]]\nname = \"storm\"\nkind = \"loss\"\nrate = 1.0\nat = \"20m\"\nfor = \"5m\"\n"
}

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("small.toml", &small());
    folder
}

fn asked(folder: &Folder, device: &str, message: &str, more: &[&str]) -> Said {
    let mut arguments = vec!["explain", "small.toml", "--device", device, "--message", message];
    arguments.extend(more);
    folder.run(&arguments)
}
