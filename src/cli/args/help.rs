//! Examples at the end of each command's help. Must contain texts only; a test parses every line of them as a command
//! line.

pub(crate) const ALL: &str = "\
Examples:
  reveille run example:two-teams                      # a shipped scenario, without a file
  reveille init my-scenario                           # a commented scenario to start from
  reveille check my-scenario.toml                     # everything that is wrong with it
  reveille forecast my-scenario.toml --report -       # its fates as JSON, as fast as the machine goes";

pub(super) const RUN: &str = "\
Examples:
  reveille run example:closure                        # a shipped scenario; a wrong name names them all
  reveille run storm.toml --speed 60 --hold           # a model minute a second, metrics until Ctrl-C
  reveille run storm.toml --set send.closure.at=10m   # the same with one value changed
  reveille run storm.toml --report run.xml --report run.json
  reveille run storm.toml --baseline last.json --max-regression 2%
  reveille run storm.toml --format github             # failures annotate the pull request";

pub(super) const FORECAST: &str = "\
Examples:
  reveille forecast example:bad-weather --without fcm-north   # what that outage cost
  reveille forecast storm.toml --seeds 1..20                  # the range of every figure
  reveille forecast storm.toml --vary delivery.fcm.loss=0..30%
  reveille forecast storm.toml --shard 2/3 --report part-2.rvl
  reveille forecast storm.toml --report pairs.ndjson          # a line for every pair";

pub(super) const EXPLAIN: &str = "\
Examples:
  reveille explain example:two-teams --device user-7.1 --message facilities
  reveille explain storm.toml --device ada-phone --message closure/3 --format json";

pub(super) const MERGE: &str = "\
Examples:
  reveille merge part-1.rvl part-2.rvl part-3.rvl --report whole.json";

pub(super) const CHECK: &str = "\
Examples:
  reveille check storm.toml calm.toml
  reveille check storm.toml --plan                    # the timeline, and how many pairs it asks for
  reveille check storm.toml --resolved                # every value with the file and line it comes from
  reveille check --list-metrics                       # what [[expect]] can measure
  reveille check storm.toml --format json             # problems for programs, with stable codes";

pub(super) const SERVE: &str = "\
Examples:
  reveille serve                                      # a small built-in tenant on 127.0.0.1:8080
  reveille serve --sure --paused --ready-file ready.json   # for a first test (docs/testing.md)
  reveille serve --scenario storm.toml --speed 60     # its fleet, its faults, a model minute a second
  reveille serve --scenario north.toml --scenario south.toml   # two tenants, and neither sees the other
  reveille serve --tls-listen 127.0.0.1:8443          # with TLS, for clients that insist on it
  reveille serve --intercept                          # for scripts that name graph.microsoft.com (docs/serve.md)
  reveille serve --control-listen 127.0.0.1:8081      # where a test sees what became of its messages (docs/control.md)";

pub(crate) const TOKEN: &str = "\
Examples:
  reveille token --as administrator                   # for an account that is signed in
  reveille token --app nightly --permission User.Read.All
  reveille token --as administrator --scenario storm.toml
  reveille token --as administrator --expires 8h      # an hour if not given";

pub(super) const HASH: &str = "\
Examples:
  reveille hash < secret.txt                          # its Argon2id, for secret_argon2id or password_argon2id";

pub(super) const INIT: &str = "\
Examples:
  reveille init
  reveille init scenarios/storm                       # writes scenarios/storm.toml, never over a file
  reveille init mine --from three-offices             # a shipped scenario to change
  reveille init mine --ask                            # asks for users, platforms, sites and time";

pub(crate) const SCHEMA: &str = "\
Examples:
  reveille schema scenario > scenario.schema.json     # for editors: a first line `#:schema scenario.schema.json`
  reveille schema report";

pub(super) const COMPLETIONS: &str = "\
Examples:
  reveille completions bash > reveille.bash
  reveille completions zsh > _reveille";
