//! Risk: a title or a body leaves the scenario: into a report, a metric, a log line, or the engine's memory of what it sent.

use std::sync::Arc;

use reveille::run::{LiveOptions, Progress, live};

use crate::drivers::world;

/// Words that stand nowhere else.
const MARKERS: [&str; 4] = ["Quetzalcoatl", "Popocatepetl", "Tlahuizcalpantecuhtli", "Xochiquetzal"];

/// Messages that are accepted and refused, shown and lost, each with texts to be recognised.
fn scenario() -> String {
    let [title, body, single, refused] = MARKERS;
    format!(
        "schema = 1\nname = \"discreet\"\nduration = \"2h\"\n[fleet]\nusers = 60\n\
         [[user]]\nname = \"u\"\n[[device]]\nname = \"phone\"\nuser = \"u\"\nplatform = \"android\"\nattention = \"1m\"\n\
         [[account]]\nname = \"nobody\"\n\
         [[send]]\nname = \"all\"\nschedule = {{ from = \"1m\", every = \"10s\", count = 30 }}\n\
         to = {{ groups = [\"All users\"] }}\non_refusal = {{ retry_after = 3 }}\ntitle = \"{title}\"\nbody = \"{body}\"\n\
         [[send]]\nname = \"one\"\nschedule = {{ from = \"2m\", every = \"10s\", count = 12 }}\n\
         to = {{ device = \"phone\" }}\ntitle = \"{single}\"\nbody = \"{single} again\"\n\
         [[send]]\nname = \"refused\"\nat = \"3m\"\nas = \"nobody\"\nto = {{ groups = [\"All users\"] }}\n\
         title = \"{refused}\"\nbody = \"{refused} too\"\n\
         [[fault]]\nname = \"leak\"\nkind = \"loss\"\nrate = 0.5\nat = \"2m\"\n\
         [[expect]]\nname = \"too much\"\nmetric = \"reach\"\nwithin = \"1m\"\ncheck = \"== 1\"\n"
    )
}

#[track_caller]
fn assert_silent(sink: &str, text: &str) {
    assert!(!text.is_empty(), "{sink} was looked at");
    for marker in MARKERS {
        assert!(!text.contains(marker), "`{marker}` stands in {sink}:\n{text}");
    }
}

#[cfg(unix)]
#[test]
fn no_title_and_no_body_in_report_console_metrics_or_log_r6() {
    let folder = crate::program::Folder::new("privacy");
    folder.write("discreet.toml", &scenario());
    let mut running = folder.start(&[
        "run",
        "discreet.toml",
        "-vv",
        "--hold",
        "--report",
        "out.json",
        "--report",
        "out.xml",
        "--report",
        "out.md",
    ]);
    let address = running.metrics_address();
    running.wait_for("metrics stay at");
    let page = crate::program::get(&address, "/metrics");
    running.interrupt();
    let said = running.end().exits(99);
    assert_silent("the metrics", &page);
    assert_silent("the console", &said.out);
    assert_silent("standard error", &said.err);
    for file in ["out.json", "out.xml", "out.md"] {
        assert_silent(file, &folder.read(file));
    }
    let plan = folder.run(&["check", "discreet.toml", "--plan"]).exits(0);
    assert_silent("the plan", &(plan.out + &plan.err));
}

#[test]
fn the_engine_keeps_no_text_of_what_it_sent_r6_r66() {
    let world = world(&scenario());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let (_keep, stop) = tokio::sync::watch::channel(false);
    let options = LiveOptions { keep_fates: true, ..LiveOptions::new(10, stop) };
    let finished = runtime.block_on(live(Arc::clone(&world), options, Arc::new(Progress::default())));
    let finished = finished.expect("the engine goes through the scenario");
    assert_silent("the books", &format!("{finished:?}"));
}
