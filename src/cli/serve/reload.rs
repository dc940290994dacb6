//! Reads clients, passwords, trusted issuers, keys, control tokens, certificates and web configurations anew while a server
//! runs: on SIGHUP, or when the control API asks. All of it is taken, or nothing. Must not judge the files.

use std::convert::Infallible;
use std::sync::Arc;

use super::access::AccessFiles;
use super::recording::AuditRecording;
use super::state::StateDir;
use super::web_files::WebFiles;
use crate::cli::args::serve_args::ServeArgs;
use crate::cli::process::hangup::Hangups;
use crate::cli::terminal::writer::Terminal;
use crate::clock::unix_ms;
use crate::rules::model::world::World;
use crate::server::audit::{AuditEntry, AuditEvent};
use crate::server::control::{Control, ReloadRequests, Reloaded};
use crate::server::graph::Tenants;
use crate::server::identity::{KeyRing, Rotation};

/// What a reload changes.
pub(super) struct Reload<'a> {
    pub(super) args: &'a ServeArgs,
    pub(super) state: &'a StateDir,
    pub(super) worlds: &'a [Arc<World>],
    pub(super) tenants: &'a Tenants,
    pub(super) control: &'a Control,
    pub(super) keys: &'a KeyRing,
    pub(super) web: &'a WebFiles,
    pub(super) recording: &'a AuditRecording,
    pub(super) terminal: Terminal,
}

impl Reload<'_> {
    /// Reloads whenever it is asked to.
    pub(super) async fn whenever_asked(&self, mut requests: ReloadRequests) -> Infallible {
        let mut hangups = Hangups::listen();
        loop {
            tokio::select! {
                () = hangups.next() => drop(self.once()),
                request = requests.next() => request.answer(self.once()),
            }
        }
    }

    /// Reloads once.
    fn once(&self) -> Result<Reloaded, String> {
        let read = AccessFiles::read(self.args, self.worlds, self.state).and_then(|access| {
            let web = WebFiles::read(self.args)?;
            self.web.check_replacement(self.args, &web)?;
            self.recording.reopen()?;
            Ok((access, web))
        });
        let entry = AuditEntry::new(AuditEvent::Reload);
        match read {
            Ok((access, web)) => {
                self.web.replace(&web);
                let rotation = self.keys.rotate(access.key, unix_ms() / 1_000);
                self.tenants.replace(access.clients.as_ref(), access.trusts);
                self.control.replace_tokens(access.control);
                self.recording.log.record(&entry);
                let key = match rotation {
                    Rotation::NewKey => "; a new key signs tokens",
                    Rotation::SameKey => "",
                };
                self.terminal
                    .note(&format!("clients, issuers, tokens, certificates and web configurations are read anew{key}"));
                Ok(Reloaded::new(rotation))
            }
            Err(error) => {
                let error = format!("{error:#}");
                self.recording.log.record(&entry.refused("invalid"));
                self.terminal.error(&format!("nothing is changed: {error}"));
                Err(error)
            }
        }
    }
}
