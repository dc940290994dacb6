//! Examples at the end of each command's help, no wider than 80 columns: narrow terminals would break them. Must contain
//! texts only; a test parses every command in them.

pub(crate) const ALL: &str = "\
Examples:
  # a shipped scenario, without a file
  reveille run example:two-teams
  # a commented scenario to start from
  reveille init my-scenario
  # everything that is wrong with it
  reveille check my-scenario.toml
  # its fates as JSON, as fast as the machine goes; words: docs/glossary.md
  reveille forecast my-scenario.toml --report -";

pub(super) const RUN: &str = "\
Examples:
  # a shipped scenario; a wrong name names them all
  reveille run example:closure
  # a model minute a second, metrics until Ctrl-C
  reveille run storm.toml --speed 60 --hold
  # the same with one value changed
  reveille run storm.toml --set send.closure.at=10m
  reveille run storm.toml --report run.xml --report run.json
  reveille run storm.toml --baseline last.json --max-regression 2%
  # failures annotate the pull request
  reveille run storm.toml --format github";

pub(super) const FORECAST: &str = "\
Examples:
  # what that outage cost
  reveille forecast example:bad-weather --without fcm-north
  # the range of every figure
  reveille forecast storm.toml --seeds 1..20
  # the same, four at once
  reveille forecast storm.toml --seeds 1..100 --parallel 4
  reveille forecast storm.toml --vary delivery.fcm.loss=0..30%
  reveille forecast storm.toml --shard 2/3 --report part-2.rvl
  # a line for every pair
  reveille forecast storm.toml --report pairs.ndjson";

pub(super) const EXPLAIN: &str = "\
Examples:
  reveille explain example:two-teams --device user-7.1 --message facilities
  reveille explain storm.toml --device ada-phone --message closure/3
  # from what a server has stored
  reveille explain --store ./store --device ada-phone --message 17";

pub(super) const MERGE: &str = "\
Examples:
  reveille merge part-1.rvl part-2.rvl part-3.rvl --report whole.json";

pub(super) const CHECK: &str = "\
Examples:
  reveille check storm.toml calm.toml
  # the timeline, and how many pairs it asks for
  reveille check storm.toml --plan
  # every value with the file and line it comes from
  reveille check storm.toml --resolved
  # what [[expect]] can measure
  reveille check --list-metrics
  # problems for programs, with stable codes
  reveille check storm.toml --format json";

pub(super) const SERVE: &str = "\
Examples:
  # a small built-in tenant on 127.0.0.1:8080
  reveille serve
  # for a first test (docs/testing.md)
  reveille serve --sure --paused --ready-file ready.json
  # its fleet, its faults, a model minute a second
  reveille serve --scenario storm.toml --speed 60
  # two tenants, and neither sees the other
  reveille serve --scenario north.toml --scenario south.toml
  # with TLS, for clients that insist on it
  reveille serve --tls-listen 127.0.0.1:8443
  # for scripts that name graph.microsoft.com (docs/serve.md)
  reveille serve --intercept
  # goes on where it was after a restart (docs/store.md)
  reveille serve --store /var/lib/reveille/store
  # where a test sees what became of its messages (docs/control.md)
  reveille serve --control-listen 127.0.0.1:8081";

pub(crate) const TOKEN: &str = "\
Examples:
  # for an account that is signed in
  reveille token --as administrator
  reveille token --app nightly --permission User.Read.All
  reveille token --as administrator --scenario storm.toml
  # an hour if not given
  reveille token --as administrator --expires 8h";

pub(super) const STORE: &str = "\
Examples:
  reveille store check /var/lib/reveille/store
  # what PUT /_reveille/state of another server takes
  reveille store export /var/lib/reveille/store
  reveille store vacuum /var/lib/reveille/store";

pub(super) const REPLAY: &str = "\
Examples:
  reveille replay /var/lib/reveille/store --report history.html
  # what a fault by hand cost
  reveille replay /var/lib/reveille/store --without pulled-plug";

pub(super) const HASH: &str = "\
Examples:
  # its Argon2id, for secret_argon2id or password_argon2id
  reveille hash < secret.txt";

pub(super) const INIT: &str = "\
Examples:
  reveille init
  # writes scenarios/storm.toml, never over a file
  reveille init scenarios/storm
  # a shipped scenario to change
  reveille init mine --from three-offices
  # asks for users, platforms, sites and time
  reveille init mine --ask";

pub(crate) const SCHEMA: &str = "\
Examples:
  # for editors, with `#:schema scenario.schema.json` as a first line
  reveille schema scenario > scenario.schema.json
  reveille schema report";

pub(super) const COMPLETIONS: &str = "\
Examples:
  reveille completions bash > reveille.bash
  reveille completions zsh > _reveille";
