//! `token`: a token for the server, signed with its key, for an account or an application. Must not decide what it
//! permits, or make a key: a token of a key that no server has opens nothing.

use crate::clock::unix_ms;
use crate::server::identity::{Bearer, Issuer, PERMISSIONS};

use super::state::StateDir;
use super::tenant;
use crate::cli::args::serve_args::TokenArgs;
use crate::cli::process::stop::Stop;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::writer::{Terminal, data};

pub(crate) fn token(args: &TokenArgs, stop: &Stop, terminal: Terminal) -> anyhow::Result<Exit> {
    let quiet = Terminal { quiet: true, ..terminal };
    let world = match tenant::world(args.scenario.as_deref(), &args.overrides, stop, quiet) {
        Ok(served) => served.world,
        Err(exit) => return Ok(exit),
    };
    let permissions = if args.permissions.is_empty() {
        PERMISSIONS.iter().map(|word| (*word).to_owned()).collect()
    } else {
        args.permissions.clone()
    };
    let bearer = match (&args.account, &args.app) {
        (Some(name), _) => {
            if !world.accounts.iter().any(|account| account.name == *name) {
                let known: Vec<&str> = world.accounts.iter().map(|account| account.name.as_str()).collect();
                terminal.error(&format!("no account is called `{name}`; there are {}", known.join(", ")));
                return Ok(Exit::Usage);
            }
            Bearer::Account { name: name.clone(), permissions, app: "reveille-token".to_owned() }
        }
        (None, app) => Bearer::App { app: app.clone().unwrap_or_default(), permissions },
    };
    let key = match StateDir::found(args.state.as_deref()).and_then(|state| state.found_signing_key()) {
        Ok(key) => key,
        Err(error) => {
            terminal.error(&format!("{error:#}"));
            return Ok(Exit::Usage);
        }
    };
    let issuer = Issuer::new(key, Issuer::tenant_id(&world.name)).of_domain(&world.domain);
    data(&format!("{}\n", issuer.issue_lasting(&bearer, args.expires, unix_ms() / 1_000)?))?;
    Ok(Exit::Well)
}
