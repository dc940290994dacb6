//! The one definition of the command line, from which help, completions and environment variables are generated.

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{ArgAction, Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::rules::base::chance::Ratio;
use crate::rules::model::live::ModelSpeed;
use crate::scenario::limits::{SHARDS_MAX, SPEED_MAX};
use crate::scenario::{Overrides, parse_ratio};

use super::completion;
use super::explain_args::ExplainArgs;
use super::forecast_args::{ForecastArgs, MergeArgs};
use super::help;
use super::listen::{Listen, listen};
use super::serve_args::{ServeArgs, TokenArgs};
use super::store_args::{ReplayArgs, StoreTask};
use crate::cli::terminal::log::LogFormat;
use crate::cli::terminal::writer::When;

/// An actor-based push delivery engine that behaves like Microsoft Intune's custom notifications.
///
/// Exit codes: 0 all well; 1 internal fault, or output that could not be written; 2 wrong usage or invalid scenario;
/// 99 an expectation failed, a fault touched nothing, or a figure is worse than its baseline;
/// 130 interrupted (what was done is still reported).
#[derive(Debug, Parser)]
#[command(name = "reveille", version, propagate_version = true, max_term_width = 100, after_help = help::ALL)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// No start line and no progress; only the verdict, what failed, and errors
    #[arg(long, short, global = true, env = "REVEILLE_QUIET", action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub(crate) quiet: bool,
    /// One line instead of the report
    #[arg(long, global = true, env = "REVEILLE_SUMMARY", action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub(crate) summary: bool,
    /// Colours: on a terminal, always or never (`NO_COLOR` is respected)
    #[arg(
        long,
        global = true,
        env = "REVEILLE_COLOR",
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true
    )]
    pub(crate) color: When,
    /// Say more about what is done, and with -vv about every actor that dies
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Standard error as text for people, or as one JSON object a line
    #[arg(
        long,
        global = true,
        env = "REVEILLE_LOG_FORMAT",
        value_name = "FORM",
        default_value = "text",
        hide_default_value = true
    )]
    pub(crate) log_format: LogFormat,
    /// How long after Ctrl-C or SIGTERM the program ends at the latest, in ms; a report that takes longer is lost
    #[arg(
        long,
        global = true,
        env = "REVEILLE_STOP_WITHIN_MS",
        hide_env_values = true,
        value_name = "MS",
        default_value_t = STOP_WITHIN_MS,
        value_parser = clap::value_parser!(u64).range(1..=STOP_WITHIN_MS_MAX)
    )]
    pub(crate) stop_within_ms: u64,
}

/// From a signal to the end of the program, in ms: together with the operating system's work, less than a second.
const STOP_WITHIN_MS: u64 = 900;
/// The largest value, in ms: service managers wait for a minute and a half.
const STOP_WITHIN_MS_MAX: u64 = 60_000;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Drive the actor engine through a scenario and report what came of it
    #[command(after_help = help::RUN)]
    Run(Box<RunArgs>),
    /// Compute the same fates device by device, as fast as the machine goes, and report what came of it
    #[command(after_help = help::FORECAST)]
    Forecast(ForecastArgs),
    /// Say what becomes of one message on one device: every step, its cause and the draw that decided it
    #[command(after_help = help::EXPLAIN)]
    Explain(ExplainArgs),
    /// Add the parts of a forecast, made with --shard, to one report
    #[command(after_help = help::MERGE)]
    Merge(MergeArgs),
    /// Serve a tenant to Microsoft Graph clients: devices, groups, custom notifications, with quotas, roles and silent phones
    #[command(after_help = help::SERVE)]
    Serve(Box<ServeArgs>),
    /// Print a token for `serve`
    #[command(after_help = help::TOKEN)]
    Token(TokenArgs),
    /// Check, export or shrink what `serve --store` keeps
    #[command(after_help = help::STORE)]
    Store {
        #[command(subcommand)]
        task: StoreTask,
    },
    /// Forecast what a server did, from its store, and report what came of it
    #[command(after_help = help::REPLAY)]
    Replay(ReplayArgs),
    /// Hash a secret from standard input, for --clients of `serve`
    #[command(after_help = help::HASH)]
    Hash,
    /// Say everything that is wrong with scenarios, without running them
    #[command(after_help = help::CHECK)]
    Check(CheckArgs),
    /// Write a commented scenario to start from
    #[command(after_help = help::INIT)]
    Init(InitArgs),
    /// Print a JSON Schema, for editors and programs
    #[command(after_help = help::SCHEMA)]
    Schema {
        /// Of which format
        #[arg(value_enum, default_value = "scenario")]
        of: SchemaOf,
    },
    /// Print completions for a shell
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// Which schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// What `run` and `check` read.
    Scenario,
    /// What `--report FILE.json` writes.
    Report,
    /// What `explain --format json` prints.
    Explanation,
    /// The same with `--seeds`.
    Ranges,
    /// The same with `--vary`.
    Variation,
    /// The `OpenAPI` document of `serve`'s control API.
    Control,
    /// The `OpenAPI` document of `serve`'s Graph API.
    Graph,
}

/// Changes to a scenario.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct ScenarioFlags {
    /// The seed of all chance
    #[arg(long, env = "REVEILLE_SEED", value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// The edition of the service: intune-2019 or intune-2025
    #[arg(long, env = "REVEILLE_PROFILE", value_name = "NAME", add = completion::profiles())]
    pub(crate) profile: Option<String>,
    /// Model time zero, such as 2026-12-01T06:00:00Z
    #[arg(long, env = "REVEILLE_START", value_name = "MOMENT")]
    pub(crate) start: Option<String>,
    /// Set a value of the scenario, such as send.closure.at=10m; may be repeated
    #[arg(long = "set", env = "REVEILLE_SET", value_name = "PATH=VALUE")]
    pub(crate) sets: Vec<String>,
    /// The folder below which a scenario's includes and exports lie; the scenario's own if not given
    #[arg(long, env = "REVEILLE_INCLUDE_ROOT", value_name = "DIR")]
    pub(crate) include_root: Option<PathBuf>,
}

impl ScenarioFlags {
    /// The same for a loader.
    pub(crate) fn overrides(&self) -> Overrides {
        Overrides { sets: self.all_sets(), seed: self.seed, profile: self.profile.clone() }
    }

    /// The values of `--set`, and that of `--start` in the same form, which precedes them.
    pub(crate) fn all_sets(&self) -> Vec<String> {
        self.sets.iter().cloned().chain(self.start.iter().map(|start| format!("start={start}"))).collect()
    }
}

/// A former report to compare this run with.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Against {
    /// Compare the model's figures with a former JSON report of this scenario, of one run or of many seeds; what is worse fails the run
    #[arg(long, env = "REVEILLE_BASELINE", value_name = "FILE.json")]
    pub(crate) baseline: Option<String>,
    /// How much worse than in the baseline a figure may be; else the scenario's limits, 5%, or what the seeds of the baseline allow
    #[arg(long, env = "REVEILLE_MAX_REGRESSION", value_name = "RATIO", value_parser = parse_ratio)]
    pub(crate) max_regression: Option<Ratio>,
}

/// The audience of what failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ClapArgs)]
pub(crate) struct ReportAudience {
    /// For people alone, or with annotations of a pull request: what failed, at its line of the scenario
    #[arg(long, env = "REVEILLE_FORMAT", value_enum, default_value = "text", hide_default_value = true)]
    pub(crate) format: FailureFormat,
}

/// How failures are shown beside the report for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailureFormat {
    /// In the report alone.
    Text,
    /// GitHub's workflow commands: an annotation for each failure.
    Github,
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct RunArgs {
    /// The scenario's file; - reads standard input, example:NAME a shipped one
    #[arg(add = completion::scenarios())]
    pub(crate) scenario: String,
    /// Model seconds per second, or max
    #[arg(long, env = "REVEILLE_SPEED", value_name = "60|max", value_parser = speed)]
    pub(crate) speed: Option<ModelSpeed>,
    /// Keep serving metrics when the run is over, until interrupted
    #[arg(long, env = "REVEILLE_HOLD", action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub(crate) hold: bool,
    /// Write the report to a file, its ending chooses the format (.json, .html, .md, .xml, .om, .ndjson); - is standard output; may be repeated
    #[arg(long = "report", env = "REVEILLE_REPORT", value_name = "FILE")]
    pub(crate) reports: Vec<String>,
    #[command(flatten)]
    pub(crate) audience: ReportAudience,
    #[command(flatten)]
    pub(crate) against: Against,
    #[command(flatten)]
    pub(crate) overrides: ScenarioFlags,
    /// Shard actors, each with a thread; 0 for one a core
    #[arg(long, env = "REVEILLE_SHARDS", value_name = "N", value_parser = clap::value_parser!(u32).range(0..=SHARDS_MAX as i64))]
    pub(crate) shards: Option<u32>,
    /// Device and portal actors that may be alive at once
    #[arg(long, env = "REVEILLE_RESIDENT_ACTORS_MAX", value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    pub(crate) resident_actors_max: Option<u32>,
    /// Where /metrics listens; port 0 takes any that is free
    #[arg(long, env = "REVEILLE_METRICS_LISTEN", value_name = "ADDRESS:PORT", value_parser = listen)]
    pub(crate) metrics_listen: Option<Listen>,
    /// TLS, client certificates and passwords of the metrics: a web configuration of Prometheus, in YAML
    #[arg(long, env = "REVEILLE_METRICS_WEB_CONFIG", value_name = "FILE")]
    pub(crate) metrics_web_config: Option<PathBuf>,
    /// Let --metrics-listen be an address that others reach without TLS, though metrics then travel in the clear
    #[arg(long, env = "REVEILLE_PLAIN_HTTP", action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub(crate) plain_http: bool,
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct InitArgs {
    /// Its name; `.toml` is added
    #[arg(default_value = "scenario")]
    pub(crate) name: String,
    /// Copy a shipped scenario, with its comments
    #[arg(long, value_name = "EXAMPLE", conflicts_with = "ask", add = completion::examples())]
    pub(crate) from: Option<String>,
    /// Ask for users, platforms, sites and time, and write a scenario from the answers
    #[arg(long)]
    pub(crate) ask: bool,
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct CheckArgs {
    /// The scenarios' files; - reads standard input, example:NAME a shipped one
    #[arg(required_unless_present = "list_metrics", add = completion::scenarios())]
    pub(crate) scenarios: Vec<String>,
    /// Print what expectations can measure, with the conditions and figures of each, and check nothing
    #[arg(long, conflicts_with_all = ["scenarios", "plan", "resolved"])]
    pub(crate) list_metrics: bool,
    /// Print the resolved timeline and the number of pairs
    #[arg(long, env = "REVEILLE_PLAN", action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub(crate) plan: bool,
    /// Print the merged scenario, each value with its origin
    #[arg(long, env = "REVEILLE_RESOLVED", action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub(crate) resolved: bool,
    /// Take warnings for errors
    #[arg(long, env = "REVEILLE_STRICT", action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub(crate) strict: bool,
    /// For people, for programs, or as annotations of a pull request
    #[arg(long, env = "REVEILLE_FORMAT", value_enum, default_value = "text", hide_default_value = true)]
    pub(crate) format: CheckFormat,
    #[command(flatten)]
    pub(crate) overrides: ScenarioFlags,
}

/// The audience of the output of `check`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// People.
    Text,
    /// Programs.
    Json,
    /// GitHub's workflow commands: an annotation of the line for each problem.
    Github,
}

/// The audience of the output of `explain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswerFormat {
    /// People.
    Text,
    /// Programs.
    Json,
}

/// `max`, or model seconds per second with at most three decimals.
pub(crate) fn speed(text: &str) -> Result<ModelSpeed, String> {
    if text == "max" {
        return Ok(ModelSpeed::Max);
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths = format!("{whole}{part:0<3}");
    let thousandths =
        Some(thousandths).filter(|_| !whole.is_empty() && part.len() <= 3 && digits(whole) && digits(part));
    match thousandths.and_then(|text| text.parse::<u64>().ok()) {
        Some(speed) if (1..=SPEED_MAX * 1_000).contains(&speed) => Ok(ModelSpeed::Times(speed)),
        _ => Err(format!("model seconds per second from 0.001 to {SPEED_MAX}, or max")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_command_has_examples_and_each_of_them_is_understood() {
        let mut command = Args::command();
        let names: Vec<String> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
        let texts = names.iter().map(|name| command.find_subcommand_mut(name).expect("it is there").render_long_help());
        let mut texts: Vec<String> = texts.map(|help| help.to_string()).collect();
        texts.push(Args::command().render_help().to_string());
        for (text, name) in texts.iter().zip(names.iter().map(String::as_str).chain([""])) {
            let (_, examples) = text.split_once("Examples:\n").unwrap_or_else(|| panic!("`{name}` has no examples"));
            let lines: Vec<&str> =
                examples.lines().map(str::trim).filter(|line| line.starts_with("reveille ")).collect();
            assert!(!lines.is_empty(), "{text}");
            for line in lines {
                let command = line.split(" #").next().expect("there is a first part");
                let words = command.split_whitespace().map(|word| word.trim_matches('\''));
                let words = words.take_while(|word| !matches!(*word, "<" | ">"));
                let parsed = Args::try_parse_from(words);
                assert!(parsed.is_ok(), "{line}: {}", parsed.err().map(|error| error.to_string()).unwrap_or_default());
                assert!(line.starts_with(&format!("reveille {name}")), "an example of another command: {line}");
            }
        }
    }

    #[test]
    fn no_example_is_broken_on_a_terminal_of_80_columns() {
        let mut command = Args::command().term_width(80);
        command.build();
        let names: Vec<String> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
        let wide = Args::command().term_width(400);
        for name in names.iter().filter(|name| *name != "help") {
            let examples = |mut command: clap::Command| {
                let help = command.find_subcommand_mut(name).expect("it is there").render_long_help().to_string();
                help.split_once("Examples:\n").expect("it has examples").1.to_owned()
            };
            let narrow = examples(command.clone());
            assert_eq!(narrow, examples(wide.clone()), "{name}: shorten the lines of its examples to 80 columns");
        }
    }

    #[test]
    fn reads_speeds_to_the_thousandth() {
        assert_eq!(speed("max"), Ok(ModelSpeed::Max));
        assert_eq!(speed("60"), Ok(ModelSpeed::Times(60_000)));
        assert_eq!(speed("0.5"), Ok(ModelSpeed::Times(500)));
        for wrong in ["0", "0.0001", "-1", "fast", "", ".5", "1e3", "9999999"] {
            assert!(speed(wrong).is_err(), "{wrong}");
        }
    }
}
