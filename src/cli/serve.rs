//! `serve`: tenants behind the Graph face until somebody stops it, metrics meanwhile. Wires; every answer comes from elsewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::watch::Receiver;
use tokio::task::JoinSet;

use crate::api::{self, Tenants, Tls};
use crate::clock::Stopwatch;
use crate::metrics::{Board, Server as MetricsServer};
use crate::run::quoted;

use super::controlled::Controlled;
use super::exit::Exit;
use super::greeting;
use super::opening::Opening;
use super::serve_args::ServeArgs;
use super::state::State;
use super::stop;
use super::tenant;
use super::terminal::Terminal;

pub(super) fn serve(args: &ServeArgs, terminal: Terminal) -> anyhow::Result<Exit> {
    if let Some(open) = [args.listen, args.control_listen].iter().find(|address| !address.ip().is_loopback())
        && !args.plain_http
    {
        terminal.error(&format!(
            "{open} is not this machine alone, and tokens would travel in the clear: use --tls-listen, or say --plain-http"
        ));
        return Ok(Exit::Usage);
    }
    let Some(worlds) = tenant::worlds(&args.scenarios, &args.overrides, terminal) else {
        return Ok(Exit::Usage);
    };
    // With fewer sockets it serves fewer at once, which is no reason not to serve.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let state = State::open(args.state.as_deref())?;
    let opening = match Opening::read(args, worlds, &state) {
        Ok(opening) => opening,
        Err(error) => {
            terminal.error(&format!("{error:#}"));
            return Ok(Exit::Usage);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the server's threads")?;
    let board = Arc::new(Board::of_server(opening.meters()));
    let wall = Stopwatch::start();
    let metrics = MetricsServer::start(Arc::clone(&board), args.metrics_listen, move || wall.us())?;
    runtime.block_on(async {
        let stopped = stop::on_signal(terminal);
        let tenants = Arc::new(opening.open(board, terminal).await?);
        let tls = args.tls_listen.map(|address| Ok::<_, anyhow::Error>((address, tls(args, &state, terminal)?)));
        let tls = tls.transpose()?;
        let plain = api::Server::start(Arc::clone(&tenants), args.listen, None)?;
        let secure = tls.map(|(address, tls)| api::Server::start(Arc::clone(&tenants), address, Some(tls)));
        let secure = secure.transpose()?;
        let hosts = tenants.all().iter().map(|face| (face.host().clone(), Arc::clone(face.roll())));
        let control = Controlled::start(args, &state, hosts)?;
        let base = format!("http://{}", plain.address());
        terminal.notes(&greeting::snippets(&tenants.all()[0], &base, &token_command(args)));
        terminal.note(&format!("metrics at http://{}/metrics", metrics.address()));
        terminal.note(&control.told());
        if let Some(secure) = &secure {
            terminal.note(&format!("Graph at https://localhost:{}/", secure.address().port()));
        }
        terminal.note(&format!("Graph at {base}/ until Ctrl-C"));
        let exit = wait(stopped, &tenants, terminal).await;
        control.stop().await;
        plain.stop().await;
        if let Some(secure) = secure {
            secure.stop().await;
        }
        Ok(exit)
    })
}

/// Waits until somebody stops the server, or the engine of a tenant cannot go on.
async fn wait(mut stopped: Receiver<bool>, tenants: &Tenants, terminal: Terminal) -> Exit {
    let mut engines = JoinSet::new();
    for face in tenants.all() {
        let (host, name) = (face.host().clone(), face.name().to_owned());
        engines.spawn(async move {
            host.ended().await;
            name
        });
    }
    tokio::select! {
        // The sender lives as long as the runtime; if it is gone, so is the reason to go on.
        _ = stopped.wait_for(|stopped| *stopped) => Exit::Well,
        Some(Ok(name)) = engines.join_next() => {
            terminal.error(&format!("the engine of `{name}` could not go on"));
            Exit::Fault
        }
    }
}

fn tls(args: &ServeArgs, state: &State, terminal: Terminal) -> anyhow::Result<Tls> {
    let read = |path: &Path| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
    let (chain, key) = match (&args.tls_cert, &args.tls_key) {
        (Some(chain), Some(key)) => (chain.clone(), key.clone()),
        _ => {
            let made = state.certificate()?;
            terminal.note(&format!("certificate {}", made.chain.display()));
            let path = quoted(&made.chain.display().to_string());
            terminal.note(&format!(
                "  to trust it: NODE_EXTRA_CA_CERTS={path} · SSL_CERT_FILE={path} · curl --cacert {path}"
            ));
            (made.chain, made.key)
        }
    };
    Tls::from_pem(&read(&chain)?, &read(&key)?).with_context(|| format!("cannot use {}", chain.display()))
}

/// How a token for the first tenant of this server is had, as the words of a command.
fn token_command(args: &ServeArgs) -> Vec<String> {
    let mut words = ["reveille", "token", "--as", "administrator"].map(str::to_owned).to_vec();
    let mut option = |name: &str, value: Option<String>| match value {
        None => {}
        // Joined, so that a path that begins with a dash is no option.
        Some(value) if value.starts_with('-') => words.push(format!("{name}={value}")),
        Some(value) => words.extend([name.to_owned(), value]),
    };
    let path = |path: &PathBuf| path.display().to_string();
    option("--scenario", args.scenarios.first().cloned());
    option("--include-root", args.overrides.include_root.as_ref().map(path));
    option("--state", args.state.as_ref().map(path));
    words
}
