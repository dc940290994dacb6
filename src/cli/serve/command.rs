//! `serve`: hosts tenants behind the Graph API until it is stopped, with metrics meanwhile. Must only wire; every
//! answer comes from other modules.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use tokio::task::JoinSet;

use crate::clock::after;
use crate::metrics::Board;
use crate::rules::model::world::World;
use crate::server::audit::{AuditEntry, AuditEvent};
use crate::server::control::ReloadRequests;
use crate::server::graph::{MICROSOFT_HOSTS, Tenants};
use crate::server::http::{Budgets, HostNames, PublicUrl};
use crate::server::identity::{Clients, Issuer};
use crate::server::monitoring::MetricsServer;

use super::access::AccessFiles;
use super::controlled::Controlled;
use super::listeners::Listeners;
use super::opening::Opening;
use super::ready::{ReadyAddresses, ReadyDocument, ReadyFile};
use super::recording::AuditRecording;
use super::reload::Reload;
use super::state::StateDir;
use super::storing::Storing;
use super::web_files::WebFiles;
use super::{greeting, tenant};
use crate::cli::args::listen::Listen;
use crate::cli::args::serve_args::ServeArgs;
use crate::cli::process::service_manager;
use crate::cli::process::stop::Stop;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::writer::Terminal;

pub(crate) fn serve(args: &ServeArgs, stop: &Stop, terminal: Terminal) -> anyhow::Result<Exit> {
    let web = match web_files(args) {
        Ok(web) => web,
        Err(error) => return Ok(usage(terminal, &error)),
    };
    let served_worlds = match tenant::worlds(&args.scenarios(), &args.overrides, stop, terminal) {
        Ok(served_worlds) => served_worlds,
        Err(exit) => return Ok(exit),
    };
    // Where the system does not say it, connections are limited by the option alone.
    let limits = args.budgets.limits(rlimit::increase_nofile_limit(u64::MAX).ok());
    let worlds: Vec<_> = served_worlds.iter().map(|served| Arc::clone(&served.world)).collect();
    let (state, access) = match files(args, &worlds) {
        Ok(files) => files,
        Err(error) => return Ok(usage(terminal, &error)),
    };
    let opening = match Opening::new(args, &worlds, &access) {
        Ok(opening) => opening,
        Err(error) => return Ok(usage(terminal, &error)),
    };
    let mut board = Board::of_server(opening.meters());
    let stored = Storing::open(args, &served_worlds, &mut board).and_then(|storing| {
        let kept = storing.as_ref().map_or(Ok(Vec::new()), |storing| storing.read(&worlds))?;
        Ok((storing, kept))
    });
    let (storing, kept) = match stored {
        Ok(stored) => stored,
        Err(error) => return Ok(usage(terminal, &anyhow::Error::new(error).context("--store"))),
    };
    let board = Arc::new(board);
    let recording = match AuditRecording::open(args, &board) {
        Ok(recording) => recording,
        Err(error) => return Ok(usage(terminal, &error)),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the server's threads")?;
    let budgets = Arc::new(Budgets::new(limits, Some(&board)));
    let hosts = host_names(args);
    let of_metrics = (hosts.clone(), Arc::clone(&budgets));
    let metrics =
        MetricsServer::start(Arc::clone(&board), args.metrics_listen.address, of_metrics, web.metrics.clone())?;
    let keys = opening.keys();
    if let Some(path) = &args.ready_file {
        ReadyFile::remove_old(path)?;
    }
    let served = runtime.block_on(async {
        let opened = tokio::select! {
            opened = opening.open(board, &recording.log, kept, terminal) => opened?,
            () = stop.wait() => return Ok(Exit::Interrupted),
        };
        let tenants = Arc::new(opened.within(Arc::clone(&budgets)));
        // Before the first request can come.
        recording.log.record(&AuditEntry::new(AuditEvent::Start));
        let listeners =
            Listeners::start(args, (&state, &web), &tenants, (hosts.clone(), Arc::clone(&budgets)), terminal)?;
        let hosted = tenants
            .all()
            .iter()
            .map(|graph_tenant| (graph_tenant.host().clone(), Arc::clone(graph_tenant.graph_ids())));
        let scenarios =
            served_worlds.iter().map(|served| (Issuer::tenant_id(&served.world.name), served.scenario.clone()));
        let hosted = (hosted, scenarios.collect());
        let mut control = Controlled::start(args, (&access, &web), &recording.log, hosted, (hosts, budgets))?;
        let ready = ReadyDocument::new(
            addresses(args, &listeners, &control, &metrics),
            &access,
            state.path(),
            tenants.all().iter().map(Arc::as_ref),
        )?;
        tokio::select! {
            recovered = recovered(&tenants) => recovered?,
            () = stop.wait() => return Ok(Exit::Interrupted),
        }
        tell(args, (&listeners, &control), &ready, &tenants, terminal);
        warn(&access, terminal);
        let ready_file = args.ready_file.as_deref().map(|path| ReadyFile::write(path, &ready)).transpose()?;
        listeners.tell(args, terminal);
        ready.tell(args.listen.address, terminal);
        service_manager::ready();
        let (api, requests) = (control.control(), control.take_reloads());
        let reload = Reload {
            args,
            state: &state,
            worlds: &worlds,
            tenants: &tenants,
            control: &api,
            keys: &keys,
            web: &web,
            recording: &recording,
            terminal,
        };
        let exit = until_stopped(&reload, requests, storing.as_ref(), stop).await;
        // Before the listeners close: a reader of the file finds a server.
        drop(ready_file);
        tokio::join!(control.stop(), listeners.stop());
        // After the last answer.
        match storing {
            Some(storing) => Ok(storing.close(&tenants, terminal).await.err().unwrap_or(exit)),
            None => Ok(exit),
        }
    });
    // An engine may still compute, but nothing uses the results.
    runtime.shutdown_background();
    served
}

/// Waits until every tenant has done again what its store has.
async fn recovered(tenants: &Tenants) -> anyhow::Result<()> {
    for graph_tenant in tenants.all() {
        let recovered = graph_tenant.host().recovered().await;
        recovered.with_context(|| format!("cannot recover `{}`", graph_tenant.name()))?;
    }
    Ok(())
}

/// Prints what a person needs to begin, and where metrics and control API are.
fn tell(
    args: &ServeArgs,
    (listeners, control): (&Listeners, &Controlled),
    ready: &ReadyDocument,
    tenants: &Tenants,
    terminal: Terminal,
) {
    listeners.tell_of_trust(terminal);
    if args.snippets || terminal.has_watcher() {
        terminal.notes(&greeting::snippets(&tenants.all()[0], &listeners.base(), &token_command(args)));
    }
    terminal.address(&format!("metrics at {}", ready.addresses.metrics), args.metrics_listen.address);
    terminal.address(&control.line(), args.control_listen.address);
    // A quiet server has told its address with the line before.
    terminal.note(&control.console_line());
    // A secret: for eyes at a terminal, and not for a log.
    if let Some(line) = control.sign_in_line().filter(|_| terminal.has_watcher()) {
        terminal.note(&line);
    }
}

/// Where a server listens, and what its clients trust.
fn addresses(args: &ServeArgs, listeners: &Listeners, control: &Controlled, metrics: &MetricsServer) -> ReadyAddresses {
    let given = args.tls_cert.as_deref();
    ReadyAddresses {
        graph: listeners.base(),
        graph_tls: listeners.secure_base(),
        proxy: listeners.proxy(),
        control: control.base(),
        metrics: format!("{}/metrics", metrics.origin()),
        certificate: given.or(listeners.authority()).map(Path::to_owned),
    }
}

/// The names by which listeners are called that only this machine reaches.
fn host_names(args: &ServeArgs) -> HostNames {
    let listens =
        [Some(&args.listen), args.tls_listen.as_ref(), Some(&args.control_listen), Some(&args.metrics_listen)];
    let written = listens.into_iter().flatten().filter_map(Listen::name);
    let public = args.public_url.as_ref().map(PublicUrl::host);
    let own = args.budgets.host_names.iter().map(String::as_str);
    HostNames::known(MICROSOFT_HOSTS.into_iter().chain(written).chain(public).chain(own).map(str::to_owned))
}

/// What files say of TLS and passwords, if nothing is reachable that should not be.
fn web_files(args: &ServeArgs) -> anyhow::Result<WebFiles> {
    let web = WebFiles::read(args)?;
    args.exposure(web.metrics.scheme(), web.control.scheme()).map_err(anyhow::Error::msg)?;
    Ok(web)
}

/// The state folder, and the files that say who may do what.
fn files(args: &ServeArgs, worlds: &[Arc<World>]) -> anyhow::Result<(StateDir, AccessFiles)> {
    let state = StateDir::open(args.state.as_deref())?;
    let access = AccessFiles::read(args, worlds, &state)?;
    Ok((state, access))
}

/// Says what is wrong with the command line or its files.
fn usage(terminal: Terminal, error: &anyhow::Error) -> Exit {
    terminal.error(&format!("{error:#}"));
    Exit::Usage
}

/// Lets the server go on until it is stopped, and reads files anew whenever it is asked to.
async fn until_stopped(reload: &Reload<'_>, requests: ReloadRequests, storing: Option<&Storing>, stop: &Stop) -> Exit {
    let failed = async {
        match storing {
            Some(storing) => storing.failed().await,
            None => std::future::pending().await,
        }
    };
    let exit = tokio::select! {
        _ = failed => Exit::Fault,
        exit = wait(stop, reload.tenants, reload.terminal) => exit,
        never = reload.whenever_asked(requests) => match never {},
    };
    service_manager::stopping();
    reload.recording.log.record(&AuditEntry::new(AuditEvent::Stop));
    exit
}

/// Names what works and should be different.
fn warn(access: &AccessFiles, terminal: Terminal) {
    let quick: Vec<&str> = access.clients.iter().flat_map(Clients::quickly_guessed).collect();
    if !quick.is_empty() {
        terminal.note(&format!(
            "--clients: passwords are quickly guessed from password_sha256 of {}: use password_argon2id, which `reveille hash` makes",
            quick.join(", ")
        ));
    }
}

/// Waits until the server is stopped. A tenant whose engine fails meanwhile is reported, and the others go on.
async fn wait(stop: &Stop, tenants: &Tenants, terminal: Terminal) -> Exit {
    let mut failures = JoinSet::new();
    for graph_tenant in tenants.all() {
        let (host, name) = (graph_tenant.host().clone(), graph_tenant.name().to_owned());
        failures.spawn(async move {
            let mut failures = host.failures();
            loop {
                let failure = failures.borrow_and_update().clone();
                if let Some(error) = failure {
                    terminal.error(&format!("the engine of `{name}` could not go on: {error}; reset the tenant"));
                }
                if failures.changed().await.is_err() {
                    return;
                }
            }
        });
    }
    tokio::select! {
        () = stop.wait() => Exit::Well,
        never_ends = keep_alive() => never_ends,
    }
}

/// Reports to the service manager, as often as it asks for, that the server's threads run tasks. A tenant whose engine does not
/// answer is no reason to end the others: readiness tells of it.
async fn keep_alive() -> Exit {
    let Some(period) = service_manager::alive_period() else { return std::future::pending().await };
    loop {
        // An empty task cannot fail.
        let _ = tokio::spawn(async {}).await;
        service_manager::alive();
        after(period).await;
    }
}

/// The command that prints a token for the first tenant of this server, as words.
fn token_command(args: &ServeArgs) -> Vec<String> {
    let mut words = ["reveille", "token", "--as", "administrator"].map(str::to_owned).to_vec();
    let mut option = |name: &str, value: Option<String>| match value {
        None => {}
        // Joined by `=`, so that a path that begins with a dash is not taken for an option.
        Some(value) if value.starts_with('-') => words.push(format!("{name}={value}")),
        Some(value) => words.extend([name.to_owned(), value]),
    };
    let path = |path: &PathBuf| path.display().to_string();
    option("--scenario", args.scenarios().into_iter().next());
    option("--include-root", args.overrides.include_root.as_ref().map(path));
    option("--state", args.state.as_ref().map(path));
    words
}
