//! `store`: checks, exports and shrinks a store that no server has open. Must not know a table of it.

use std::path::Path;

use crate::rules::base::time::SimTime;
use crate::server::control::StateFile;
use crate::store::{Store, StoreCheck, StoreError, StoredTenant};

use crate::cli::args::store_args::StoreTask;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::writer::{Terminal, data};

pub(crate) fn store(task: &StoreTask, terminal: Terminal) -> anyhow::Result<Exit> {
    let done = match task {
        StoreTask::Check { folder } => check(folder, terminal).map(|()| Ok(())),
        StoreTask::Export { folder, tenant } => match exported(folder, tenant.as_deref()) {
            Ok(text) => Ok(data(&text)),
            Err(error) => Err(error),
        },
        StoreTask::Vacuum { folder } => Store::vacuum(folder).map(|()| Ok(())),
    };
    match done {
        Ok(printed) => printed.map(|()| Exit::Well),
        Err(error) => {
            terminal.error(&error.to_string());
            Ok(Exit::Usage)
        }
    }
}

fn check(folder: &Path, terminal: Terminal) -> Result<(), StoreError> {
    let StoreCheck { commits, tenants } = StoreCheck::of(folder)?;
    for tenant in &tenants {
        let now = SimTime(tenant.now_ms);
        terminal.note(&format!("{}: {} inputs, {} texts, model time {now}", tenant.name, tenant.inputs, tenant.texts));
        if tenant.text_losses.total() > 0 {
            terminal.note(&format!("{}: {}", tenant.name, tenant.text_losses));
        }
    }
    terminal.note(&format!("{}: all well after {commits} commits", folder.display()));
    Ok(())
}

/// The state of a tenant, as the control API exports it.
fn exported(folder: &Path, name: Option<&str>) -> Result<String, StoreError> {
    Ok(format!("{}\n", StateFile::of(StoredTenant::of(folder, name)?)?.json()))
}
