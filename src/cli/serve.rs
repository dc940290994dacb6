//! `serve`: a tenant behind the Graph face until somebody stops it, metrics meanwhile. Wires; every answer comes from elsewhere.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::watch::Receiver;
use uuid::Uuid;

use crate::api::{self, Face, FaceOptions, Roll, Tls};
use crate::clock::{Clock, Stopwatch};
use crate::identity::{Clients, Grants, Issuer};
use crate::metrics::{Meters, Server as MetricsServer};
use crate::rules::world::{Speed, World};
use crate::run::{Host, HostOptions};

use super::args::ServeArgs;
use super::controlled::Controlled;
use super::exit::Exit;
use super::greeting;
use super::state::State;
use super::stop;
use super::tenant;
use super::terminal::Terminal;

/// The application that may ask for tokens when no list of clients is given.
const BUILT_IN_CLIENT: &str = "00000000-0000-4000-8000-000000000001";

pub(super) fn serve(args: &ServeArgs, terminal: Terminal) -> anyhow::Result<Exit> {
    if let Some(open) = [args.listen, args.control_listen].iter().find(|address| !address.ip().is_loopback())
        && !args.plain_http
    {
        terminal.error(&format!(
            "{open} is not this machine alone, and tokens would travel in the clear: use --tls-listen, or say --plain-http"
        ));
        return Ok(Exit::Usage);
    }
    let Some(world) = tenant::world(args.scenario.as_deref(), &args.overrides, terminal) else {
        return Ok(Exit::Usage);
    };
    let state = State::open(args.state.as_deref())?;
    let key = state.signing_key()?;
    let clients = match &args.clients {
        None => None,
        Some(path) => match clients(path) {
            Ok(clients) => Some(clients),
            Err(error) => {
                terminal.error(&format!("{error:#}"));
                return Ok(Exit::Usage);
            }
        },
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the server's threads")?;
    let roll = Arc::new(Roll::new(&world));
    let world = Arc::new(world);
    let meters = Arc::new(Meters::of_server(&world, args.resident_actors_max));
    let wall = Stopwatch::start();
    let metrics = MetricsServer::start(Arc::clone(&meters), args.metrics_listen, move || wall.us())?;
    runtime.block_on(async {
        let stopped = stop::on_signal(terminal);
        let options = HostOptions {
            shards: args.shards,
            resident_actors_max: args.resident_actors_max,
            keep_fates: false,
            meters: Some(Arc::clone(&meters)),
        };
        let host = Host::start(Arc::clone(&world), Clock::start(args.speed), options).await?;
        terminal.note(&greeting::who(&world, &roll, &speed(args.speed)));
        let clients = clients_or_one(clients, terminal);
        let issuer = Issuer::new(key, roll.tenant());
        let grants = if args.send_permissions.is_empty() {
            Grants::default()
        } else {
            Grants::sending_by(args.send_permissions.clone())
        };
        let face =
            FaceOptions { host: host.clone(), roll: Arc::clone(&roll), issuer, clients, grants, meters: Some(meters) };
        let face = Arc::new(Face::new(face));
        let tls = args.tls_listen.map(|address| Ok::<_, anyhow::Error>((address, tls(args, &state, terminal)?)));
        let tls = tls.transpose()?;
        let plain = api::Server::start(Arc::clone(&face), args.listen, None)?;
        let secure = tls.map(|(address, tls)| api::Server::start(face, address, Some(tls))).transpose()?;
        let control = Controlled::start(args, &state, [(host.clone(), Arc::clone(&roll))])?;
        let base = format!("http://{}", plain.address());
        terminal.note(&greeting::snippets(&world, &roll, &base, &token_command(args)));
        terminal.note(&format!("metrics at http://{}/metrics", metrics.address()));
        terminal.note(&control.told());
        if let Some(secure) = &secure {
            terminal.note(&format!("Graph at https://localhost:{}/", secure.address().port()));
        }
        terminal.note(&format!("Graph at {base}/ until Ctrl-C"));
        let exit = wait(stopped, &host, &world, terminal).await;
        control.stop().await;
        plain.stop().await;
        if let Some(secure) = secure {
            secure.stop().await;
        }
        Ok(exit)
    })
}

async fn wait(mut stopped: Receiver<bool>, host: &Host, world: &World, terminal: Terminal) -> Exit {
    tokio::select! {
        // The sender lives as long as the runtime; if it is gone, so is the reason to go on.
        _ = stopped.wait_for(|stopped| *stopped) => Exit::Well,
        () = host.ended() => {
            terminal.error(&format!("the engine of `{}` could not go on", world.name));
            Exit::Fault
        }
    }
}

fn speed(speed: Speed) -> String {
    match speed {
        Speed::Max => "max".to_owned(),
        Speed::Times(thousandths) if thousandths % 1_000 == 0 => (thousandths / 1_000).to_string(),
        Speed::Times(thousandths) => format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000),
    }
}

fn clients(path: &Path) -> anyhow::Result<Clients> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Clients::from_json(&text).with_context(|| path.display().to_string())
}

/// The clients of a list, or one whose secret is told once and kept nowhere.
fn clients_or_one(clients: Option<Clients>, terminal: Terminal) -> Clients {
    clients.unwrap_or_else(|| {
        let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        terminal
            .note(&format!("client {BUILT_IN_CLIENT} · secret {secret} (new at every start; --clients for your own)"));
        Clients::one(BUILT_IN_CLIENT, &secret)
    })
}

fn tls(args: &ServeArgs, state: &State, terminal: Terminal) -> anyhow::Result<Tls> {
    let read = |path: &Path| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
    let (chain, key) = match (&args.tls_cert, &args.tls_key) {
        (Some(chain), Some(key)) => (chain.clone(), key.clone()),
        _ => {
            let made = state.certificate()?;
            let path = made.chain.display();
            terminal.note(&format!(
                "certificate {path}\n  to trust it: NODE_EXTRA_CA_CERTS={path} · SSL_CERT_FILE={path} · curl --cacert {path}"
            ));
            (made.chain, made.key)
        }
    };
    Tls::from_pem(&read(&chain)?, &read(&key)?).with_context(|| format!("cannot use {}", chain.display()))
}

/// How a token for this server is had.
fn token_command(args: &ServeArgs) -> String {
    let scenario = args.scenario.as_ref().map(|path| format!(" --scenario {path}")).unwrap_or_default();
    let state = args.state.as_ref().map(|path| format!(" --state {}", path.display())).unwrap_or_default();
    format!("reveille token --as administrator{scenario}{state}")
}
