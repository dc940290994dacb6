//! What can be wrong with a store. Each error names the file or the place, and the remedy. Must not choose an exit code.

use std::path::PathBuf;

/// Why a store cannot be used, or has failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another process has it open.
    #[error("{} is in use by another process: one store has one server", .0.display())]
    InUse(PathBuf),
    /// There is no store.
    #[error("{} is not a store: `reveille serve --store` makes one", .0.display())]
    Absent(PathBuf),
    /// The folder or the database is of something else.
    #[error("{} is not a store of Reveille ({what}): give --store a new or empty folder", .path.display())]
    Foreign {
        /// The folder or file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// Other users of the machine can enter the folder or read a file.
    #[error("{} can be read or written by other users of this machine: {remedy}", .path.display())]
    Open {
        /// The folder or file.
        path: PathBuf,
        /// The command that closes it.
        remedy: String,
    },
    /// A later version of the program wrote it.
    #[error("{} has format {found}, and this program knows up to {known}: use the program that wrote it", .path.display())]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The last one that is known.
        known: i64,
    },
    /// Something that was committed is not there, or is not what was committed.
    #[error("{} is damaged: {place}: {what}; nothing was changed: restore a copy, or begin with a new folder", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in it.
        place: String,
        /// What is wrong there.
        what: String,
    },
    /// The tenant of the store is of another scenario.
    #[error(
        "{} has the tenant `{tenant}` with another {what}: serve what it was made with, or begin with a new folder{difference}",
        .path.display()
    )]
    Differs {
        /// The database.
        path: PathBuf,
        /// The tenant's name.
        tenant: String,
        /// What differs.
        what: String,
        /// The lines of the scenario that differ, if the scenario does: `-` those of the store, `+` the others.
        difference: String,
    },
    /// The store has several tenants or another one.
    #[error("{} has the tenants {names}: name one by --tenant", .path.display())]
    NoTenant {
        /// The database.
        path: PathBuf,
        /// Their names.
        names: String,
    },
    /// The system refuses to read or write.
    #[error("{}: {cause}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system or `SQLite` says.
        cause: String,
    },
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
}
