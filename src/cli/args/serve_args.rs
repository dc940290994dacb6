//! The command-line options of `serve` and `token`.

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{ArgAction, Args as ClapArgs, ValueEnum};

use super::budget_flags::BudgetFlags;
use super::completion;
use super::definition::{ScenarioFlags, speed};
use super::listen::{Listen, listen};
use crate::rules::model::live::ModelSpeed;
use crate::rules::service::access::is_domain;
use crate::rules::timeline::restart_clock::RestartClock;
use crate::scenario::duration_ms;
use crate::scenario::limits::SHARDS_MAX;
use crate::server::http::{Others, PublicUrl, Scheme};
use crate::server::identity::{CONTROL_TOKEN_CHARACTERS_MIN, PERMISSIONS, TOKEN_SECONDS_MAX};

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct ServeArgs {
    /// A tenant: fleet, groups, accounts, delivery, changes and faults, without the sends; a small built-in one if not given; may
    /// be repeated
    #[arg(long = "scenario", env = "REVEILLE_SCENARIO", value_name = "FILE", add = completion::scenarios())]
    scenarios: Vec<String>,
    /// A tenant whose phones show every message at once, without loss or latency, for first tests: the scenario `example:sure`
    #[arg(long, env = "REVEILLE_SURE", action = ArgAction::SetTrue, value_parser = FalseyValueParser::new(), conflicts_with = "scenarios")]
    sure: bool,
    /// Where the Graph API listens without TLS; port 0 takes any that is free, a name is looked up, and :8080 is every
    /// interface
    #[arg(long, env = "REVEILLE_LISTEN", value_name = "ADDRESS:PORT", value_parser = listen, default_value = "127.0.0.1:8080")]
    pub(crate) listen: Listen,
    /// Let --listen, --control-listen, --metrics-listen and --intercept be addresses that others reach, though all then travels in the
    /// clear; not needed for one with TLS from its web configuration
    #[arg(long, env = "REVEILLE_PLAIN_HTTP", action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub(super) plain_http: bool,
    /// Where the Graph API listens with TLS
    #[arg(long, env = "REVEILLE_TLS_LISTEN", value_name = "ADDRESS:PORT", value_parser = listen)]
    pub(crate) tls_listen: Option<Listen>,
    /// A certificate chain in PEM; one of the local CA, which is made and kept, if not given
    #[arg(long, env = "REVEILLE_TLS_CERT", value_name = "FILE", requires = "tls_key", requires = "tls_listen")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The chain's private key in PEM
    #[arg(long, env = "REVEILLE_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Stand for graph.microsoft.com and login.microsoftonline.com as an HTTPS proxy, for scripts that have these names written into
    /// them
    #[arg(
        long,
        env = "REVEILLE_INTERCEPT",
        value_name = "ADDRESS:PORT",
        value_parser = listen,
        num_args = 0..=1,
        default_missing_value = "127.0.0.1:8888"
    )]
    pub(crate) intercept: Option<Listen>,
    /// What the proxy does with every other host
    #[arg(
        long,
        env = "REVEILLE_INTERCEPT_OTHERS",
        value_name = "WHAT",
        default_value = "refuse",
        requires = "intercept"
    )]
    pub(crate) intercept_others: OtherHosts,
    /// The URL by which clients reach the Graph API, such as that of a TLS proxy in front: every link begins with it
    #[arg(long, env = "REVEILLE_PUBLIC_URL", value_name = "URL", value_parser = PublicUrl::parse, conflicts_with = "trust_forwarded")]
    pub(crate) public_url: Option<PublicUrl>,
    /// Begin links as X-Forwarded-Proto and X-Forwarded-Host say, which a proxy in front must set on every request
    #[arg(long, env = "REVEILLE_TRUST_FORWARDED", action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub(crate) trust_forwarded: bool,
    /// Where /metrics listens; port 0 takes any that is free
    #[arg(long, env = "REVEILLE_METRICS_LISTEN", value_name = "ADDRESS:PORT", value_parser = listen, default_value = "127.0.0.1:0")]
    pub(crate) metrics_listen: Listen,
    /// TLS, client certificates and passwords of the metrics: a web configuration of Prometheus, in YAML
    #[arg(long, env = "REVEILLE_METRICS_WEB_CONFIG", value_name = "FILE")]
    pub(crate) metrics_web_config: Option<PathBuf>,
    /// Where the control API listens; port 0 takes any that is free
    #[arg(long, env = "REVEILLE_CONTROL_LISTEN", value_name = "ADDRESS:PORT", value_parser = listen, default_value = "127.0.0.1:0")]
    pub(crate) control_listen: Listen,
    /// TLS and client certificates of the control API, in the same form
    #[arg(long, env = "REVEILLE_CONTROL_WEB_CONFIG", value_name = "FILE")]
    pub(crate) control_web_config: Option<PathBuf>,
    /// Tokens of the control API: one, or a list in JSON with a name and a role each; one that is made and kept beside the
    /// signing key if not given
    #[arg(long, env = "REVEILLE_CONTROL_TOKEN_FILE", value_name = "FILE", conflicts_with = "control_token")]
    pub(crate) control_token_file: Option<PathBuf>,
    /// One token instead of a file; every user of the machine sees it in the list of processes
    #[arg(long, env = "REVEILLE_CONTROL_TOKEN", hide_env_values = true, value_name = "TOKEN", value_parser = control_token)]
    pub(crate) control_token: Option<String>,
    /// Where sign-ins, sends and control actions are recorded, in JSON lines: a file, rotated by size, or - for the log
    #[arg(long, env = "REVEILLE_AUDIT_LOG", value_name = "FILE")]
    pub(crate) audit_log: Option<PathBuf>,
    /// Write a JSON file when the server takes requests: its addresses, tenants, and where its secrets are kept; removed at the end
    #[arg(long, env = "REVEILLE_READY_FILE", value_name = "FILE")]
    pub(crate) ready_file: Option<PathBuf>,
    /// Print lines to paste for curl, PowerShell, Python and JavaScript, as on a terminal
    #[arg(long, env = "REVEILLE_SNIPPETS", action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub(crate) snippets: bool,
    /// Model seconds per second
    #[arg(long, env = "REVEILLE_SPEED", value_name = "60", value_parser = paced, default_value = "1")]
    speed: ModelSpeed,
    /// Start with a stopped clock: model time goes on when a request of the control API advances it or sets a speed
    #[arg(long, env = "REVEILLE_PAUSED", action = ArgAction::SetTrue, value_parser = FalseyValueParser::new(), conflicts_with = "speed")]
    paused: bool,
    /// Where the signing key, the local CA and the certificate are kept; the user's state directory if not given
    #[arg(long, env = "REVEILLE_STATE", value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Keep everything that is accepted in this folder, on disk before it is answered: a server that starts again goes on where this
    /// one was; made if it is not there
    #[arg(long, env = "REVEILLE_STORE", value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
    /// Where model time goes on when a server starts again with its store
    #[arg(
        long,
        env = "REVEILLE_CLOCK_ON_RESTART",
        value_name = "WHERE",
        default_value = "continue",
        requires = "store"
    )]
    pub(crate) clock_on_restart: ClockOnRestart,
    /// Applications that sign in, in JSON: id, hash of a secret or certificates, redirect URIs, permissions; and hashes of
    /// accounts' passwords
    #[arg(long, env = "REVEILLE_CLIENTS", value_name = "FILE")]
    pub(crate) clients: Option<PathBuf>,
    /// A domain of a tenant, by which its authority may be named; NAME= may be left out where there is one tenant; may be repeated
    #[arg(long = "tenant-domain", env = "REVEILLE_TENANT_DOMAINS", value_name = "NAME=DOMAIN", value_delimiter = ',', value_parser = tenant_domain)]
    pub(crate) tenant_domains: Vec<(Option<String>, String)>,
    /// Sign in as this account wherever a person would be asked, the administrator if none is named: for tests without a browser
    #[arg(long, env = "REVEILLE_AUTO_CONSENT", value_name = "ACCOUNT", num_args = 0..=1, require_equals = true, default_missing_value = "administrator")]
    pub(crate) auto_consent: Option<String>,
    /// A foreign issuer whose tokens are taken, in JSON: its name, audiences, key set and the tenant that they open; may be repeated
    #[arg(long = "trust-issuer", env = "REVEILLE_TRUST_ISSUERS", value_name = "FILE")]
    pub(crate) trust_issuers: Vec<PathBuf>,
    /// Answer with 429 where a tenant or an application asks more of the managed devices than Graph documents, in 20
    /// wall-clock seconds
    #[arg(long, env = "REVEILLE_REQUEST_LIMITS", action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub(crate) request_limits: bool,
    /// Answer queries on users, groups and devices of the directory that Graph refuses without `ConsistencyLevel: eventual`, or at all
    #[arg(long, env = "REVEILLE_LENIENT_QUERIES", action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    pub(crate) lenient_queries: bool,
    /// Permissions of which one is enough for sending, instead of the usual three; may be repeated
    #[arg(long = "send-permission", env = "REVEILLE_SEND_PERMISSIONS", value_name = "NAME", value_delimiter = ',')]
    pub(crate) send_permissions: Vec<String>,
    #[command(flatten)]
    pub(crate) overrides: ScenarioFlags,
    /// Shard actors of each tenant, each with a thread; 0 for one a core
    #[arg(long, env = "REVEILLE_SHARDS", value_name = "N", default_value = "0", value_parser = clap::value_parser!(u32).range(0..=SHARDS_MAX as i64))]
    pub(crate) shards: u32,
    /// Device and portal actors of each tenant that may be alive at once
    #[arg(long, env = "REVEILLE_RESIDENT_ACTORS_MAX", value_name = "N", default_value = "20000", value_parser = clap::value_parser!(u32).range(2..))]
    pub(crate) resident_actors_max: u32,
    #[command(flatten)]
    pub(crate) budgets: BudgetFlags,
}

/// Where model time goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClockOnRestart {
    /// Where it was: the time without a server does not exist in the model.
    Continue,
    /// As far on as if the server had never been away.
    Wall,
}

impl From<ClockOnRestart> for RestartClock {
    fn from(clock: ClockOnRestart) -> Self {
        match clock {
            ClockOnRestart::Continue => Self::Continue,
            ClockOnRestart::Wall => Self::Wall,
        }
    }
}

/// What the proxy does with hosts that it does not stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OtherHosts {
    /// Refuse them: a test reaches nothing by mistake.
    Refuse,
    /// Let them through, if the proxy is for this machine alone.
    Tunnel,
}

impl From<OtherHosts> for Others {
    fn from(others: OtherHosts) -> Self {
        match others {
            OtherHosts::Refuse => Self::Refuse,
            OtherHosts::Tunnel => Self::Tunnel,
        }
    }
}

/// The scenario of `--sure`.
const SURE: &str = "example:sure";

impl ServeArgs {
    /// The scenarios that are served; none for the built-in tenant.
    pub(crate) fn scenarios(&self) -> Vec<String> {
        if self.sure { vec![SURE.to_owned()] } else { self.scenarios.clone() }
    }

    /// The speed of every clock at the start; 0 with `--paused`.
    pub(crate) const fn start_speed(&self) -> ModelSpeed {
        if self.paused { ModelSpeed::Times(0) } else { self.speed }
    }

    /// Checks that nothing is reachable from other machines unless an option allows it. Listeners with TLS from their web
    /// configuration need none.
    ///
    /// # Errors
    /// What is, and the remedy.
    pub(crate) fn exposure(&self, metrics: Scheme, control: Scheme) -> Result<(), String> {
        let listens = [
            (Some(&self.listen), Scheme::Http, "use --tls-listen"),
            (Some(&self.control_listen), control, "give it TLS by --control-web-config"),
            (Some(&self.metrics_listen), metrics, "give it TLS by --metrics-web-config"),
            (self.intercept.as_ref(), Scheme::Http, "use --tls-listen"),
        ];
        let clear = |(listen, scheme, remedy): (Option<&Listen>, Scheme, &'static str)| {
            let open = listen.filter(|listen| scheme == Scheme::Http && !listen.is_loopback())?;
            Some((open.address, remedy))
        };
        if let (Some((address, remedy)), false) = (listens.into_iter().find_map(clear), self.plain_http) {
            return Err(format!(
                "{address} is not this machine alone, and all would travel in the clear: listen on localhost, {remedy}, or say \
                 --plain-http"
            ));
        }
        match &self.intercept {
            Some(open) if self.intercept_others == OtherHosts::Tunnel && !open.is_loopback() => Err(format!(
                "--intercept {} with --intercept-others tunnel would be an open proxy to any host: listen on localhost, or leave \
                 other hosts refused",
                open.address
            )),
            _ => Ok(()),
        }
    }
}

#[derive(Clone, Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("bearer").required(true).args(["account", "app"]))]
pub(crate) struct TokenArgs {
    /// For an account of the scenario: judged by its role and by what the token grants
    #[arg(long = "as", value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
    /// For an application by itself: judged by what the token grants
    #[arg(long, value_name = "NAME")]
    pub(crate) app: Option<String>,
    /// What the token grants, such as User.Read.All; everything if not given; may be repeated
    #[arg(long = "permission", value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(PERMISSIONS))]
    pub(crate) permissions: Vec<String>,
    /// How long it is valid, from 1s to 366d
    #[arg(long, value_name = "DURATION", value_parser = token_seconds, default_value = "1h")]
    pub(crate) expires: u64,
    /// The scenario that is served; the built-in one if not given
    #[arg(long, env = "REVEILLE_SCENARIO", value_name = "FILE")]
    pub(crate) scenario: Option<String>,
    /// Where the server keeps its signing key; the server makes it at its first start
    #[arg(long, env = "REVEILLE_STATE", value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) overrides: ScenarioFlags,
}

/// A domain, with the tenant that has it.
fn tenant_domain(text: &str) -> Result<(Option<String>, String), String> {
    let (tenant, domain) = text.rsplit_once('=').map_or((None, text), |(tenant, domain)| (Some(tenant), domain));
    if is_domain(domain) {
        Ok((tenant.map(str::to_owned), domain.to_ascii_lowercase()))
    } else {
        Err("a domain is a name such as contoso.example".to_owned())
    }
}

/// How long a token is valid, in seconds.
fn token_seconds(text: &str) -> Result<u64, String> {
    let ms = duration_ms(text).map_err(|why| format!("{}; {}", why.message, why.help))?;
    match ms / 1_000 {
        seconds @ 1..=TOKEN_SECONDS_MAX if ms % 1_000 == 0 => Ok(seconds),
        _ => Err("whole seconds from 1s to 366d: a single token cannot be withdrawn".to_owned()),
    }
}

/// A token that cannot be guessed, and that is valid in a header.
fn control_token(text: &str) -> Result<String, String> {
    if text.len() >= CONTROL_TOKEN_CHARACTERS_MIN && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err("a token has at least 16 characters, letters, digits and signs of ASCII without spaces".to_owned())
    }
}

/// A speed at which model time follows wall-clock time.
fn paced(text: &str) -> Result<ModelSpeed, String> {
    match speed(text) {
        Ok(ModelSpeed::Max) => Err("a server goes with the clock: model seconds per second, such as 60".to_owned()),
        Err(_) if text == "0" => Err("--paused starts with a stopped clock".to_owned()),
        speed => speed,
    }
}
