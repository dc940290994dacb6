//! A record of many forecasts in every format that has room for one. Must not write files.

use crate::outcome::{Ranges, Variation};

use super::document::batch::BatchDocument;
use super::document::setting::Setting;
use super::document::{ranges, variation};
use super::render::console::ReportLength;
use super::render::screen::Screen;
use super::render::{console, github, html, json, junit_batch, markdown};

/// Many forecasts of one scenario.
#[derive(Clone, Copy, Debug)]
pub enum BatchRecord<'r> {
    /// Over a range of seeds.
    Ranges(&'r Ranges),
    /// Over the values of a key.
    Variation(&'r Variation),
}

/// A format of a report about many forecasts. Samples over model time are of one forecast only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchFormat {
    /// The whole record.
    Json,
    /// A page for people.
    Html,
    /// A page for a pull request.
    Markdown,
    /// Test cases, for test runners.
    Junit,
}

impl BatchRecord<'_> {
    /// The report as text for a terminal.
    pub fn console(self, length: ReportLength, screen: Screen) -> String {
        console::batch(self.document(), length, screen)
    }

    /// The report in a format, with a final line feed.
    pub fn render(self, format: BatchFormat, setting: &Setting) -> String {
        match (format, self) {
            (BatchFormat::Json, Self::Ranges(record)) => json::ranges_json(record),
            (BatchFormat::Json, Self::Variation(record)) => json::variation_json(record),
            (BatchFormat::Junit, Self::Ranges(record)) => junit_batch::ranges(record, setting),
            (BatchFormat::Junit, Self::Variation(record)) => junit_batch::variation(record, setting),
            (BatchFormat::Html, record) => html::batch(&record.document()),
            (BatchFormat::Markdown, record) => markdown::batch(record.document()),
        }
    }

    /// What failed, as annotations of a pull request.
    pub fn annotations(self, setting: &Setting) -> String {
        match self {
            Self::Ranges(record) => github::ranges(record, setting),
            Self::Variation(record) => github::variation(record, setting),
        }
    }

    fn document(self) -> BatchDocument {
        match self {
            Self::Ranges(record) => ranges::ranges(record),
            Self::Variation(record) => variation::variation(record),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture;

    #[test]
    fn shows_the_extremes_and_the_commands_that_replay_them() {
        insta::assert_snapshot!(BatchRecord::Ranges(&fixture::ranges()).console(ReportLength::Whole, Screen::PLAIN), @r#"
        FAILED  by-hand  forecast · intune-2019 · seeds 1 to 3
          3 forecasts in 120 ms
          ✗ expectation "most" did not hold with seed 2

             expectation  check         held in
          ✗  most         reach >= 0.5   2 of 3

        Ranges  over 3 seeds; the median is the lower middle
          figure                                     least  seed      median        most  seed
          reach within 1 min                        20.0 %     2      40.0 %      40.0 %     1
          reach within 15 min                       20.0 %     2      60.0 %      60.0 %     1
          reach within 1 h                          20.0 %     2      60.0 %      60.0 %     1
          reach within 4 h                          20.0 %     2      60.0 %      60.0 %     1
          reach by the end                          20.0 %     2      60.0 %      60.0 %     1
          reach within 1 min, of the eligible       25.0 %     2      50.0 %      50.0 %     1
          reach within 15 min, of the eligible      25.0 %     2      75.0 %      75.0 %     1
          reach within 1 h, of the eligible         25.0 %     2      75.0 %      75.0 %     1
          reach within 4 h, of the eligible         25.0 %     2      75.0 %      75.0 %     1
          reach by the end, of the eligible         25.0 %     2      75.0 %      75.0 %     1

          latency p50                                  2 s     –         2 s         2 s     –
          latency p95                           1 min 03 s     –  1 min 03 s  1 min 03 s     –
          latency p99                           1 min 03 s     –  1 min 03 s  1 min 03 s     –
          latency max                           1 min 03 s     –  1 min 03 s  1 min 03 s     –

          pairs                                          5     –           5           5     –
          eligible                                       4     –           4           4     –
          blocked                                        1     –           1           1     –
          discarded                                      0     –           0           0     –
          expired                                        0     –           0           0     –
          lost                                           0     1           0           2     2
          shown                                          1     2           3           3     1
          skipped                                        1     –           1           1     –
          superseded                                     0     –           0           0     –
          waiting                                        0     –           0           0     –

          sends accepted                                 2     –           2           2     –
          sends refused                                  1     –           1           1     –
          refused by the group quota                     0     –           0           0     –
          refused by a device's quota                    0     –           0           0     –
          dismissed                                      0     –           0           0     –
          readable by another app                        0     –           0           0     –

          fcm-down touched                               1     –           1           1     –
          fcm-down backlog                               0     1           0           1     2
          fcm-down recovered in                       33 s     –        33 s        33 s     –  in 2

          most                                      20.0 %     2      60.0 %      60.0 %     1

        Replay  any other seed in the same way
          reveille forecast by-hand.toml --seeds 1..3
          reveille forecast by-hand.toml --seed 2  # expectation "most" did not hold and 14 more
          reveille forecast by-hand.toml --seed 1  # most reach within 1 min and 13 more
        "#);
    }

    #[test]
    fn says_so_first_when_it_was_interrupted() {
        let mut record = fixture::ranges();
        (record.batch.forecasts, record.batch.interrupted) = (20, true);
        let text = BatchRecord::Ranges(&record).console(ReportLength::Whole, Screen::PLAIN);
        assert!(text.starts_with("INTERRUPTED  by-hand"), "{text}");
        assert!(text.contains("3 of 20 forecasts"), "{text}");
    }

    #[test]
    fn long_names_do_not_make_it_wider() {
        let mut record = fixture::ranges();
        let long = "a-name-that-goes-on-and-on ".repeat(4);
        record.batch.scenario.clone_from(&long);
        record.expectations[0].name.clone_from(&long);
        record.ranges.faults[0].name.clone_from(&long);
        record.failures[0].what.clone_from(&long);
        record.failures[0].seeds.extend((0..5_000).map(|seed| u64::MAX - 5_000 + seed));
        let text = BatchRecord::Ranges(&record).console(ReportLength::Whole, Screen::PLAIN);
        // A command is never cut; the text after it is.
        let cut = text.split("\nReplay").next().expect("a text has a beginning");
        let wide: Vec<&str> = cut.lines().filter(|line| line.chars().count() > 100).collect();
        assert_eq!(wide, [""; 0], "{text}");
    }

    #[test]
    fn shows_reach_against_the_key() {
        insta::assert_snapshot!(BatchRecord::Variation(&fixture::variation()).console(ReportLength::Whole, Screen::PLAIN), @r#"
        FAILED  by-hand  forecast · intune-2019 · seed 7
          3 forecasts in 120 ms
          ✗ expectation "most" did not hold at 20%

        Values  delivery.fcm.loss: reach in % of pairs, since each message’s acceptance
          value  1 min  15 min   1 h   4 h   end  shown  never    p50      p95  held
            10%   40.0    60.0  60.0  60.0  60.0      3      2  2.0 s  1.0 min   1/1
            20%   20.0    20.0  20.0  20.0  20.0      1      4  2.0 s  1.0 min   0/1
            30%   40.0    60.0  60.0  60.0  60.0      3      2  2.0 s  1.0 min   1/1

        Replay  any other value in the same way
          reveille forecast by-hand.toml --seed 7 --vary delivery.fcm.loss=10%..30%/3
          reveille forecast by-hand.toml --seed 7 --set delivery.fcm.loss=20%
        "#);
    }

    #[test]
    fn a_million_pairs_fit_on_a_line() {
        let mut record = fixture::variation();
        for row in &mut record.rows {
            row.value = "23h59m59s999ms".to_owned();
            (row.headline.pairs, row.headline.reach.end) = (1_999_999, 1_000_000);
            let latency = row.headline.latency_ms.as_mut().expect("something was shown");
            (latency.p50, latency.p95) = (3_599_999, 3_599_999);
        }
        let text = BatchRecord::Variation(&record).console(ReportLength::Whole, Screen::PLAIN);
        let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > 100).collect();
        assert_eq!(wide, [""; 0], "{text}");
    }
}
