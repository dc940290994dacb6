//! `hash`: the slow hash of a secret that a person chose, for the file of `--clients`. The secret must come from standard
//! input: a command line is in the history of the shell and in the list of processes.

use std::io::Read as _;

use anyhow::Context as _;

use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::writer::{Terminal, data};
use crate::server::identity::SecretHash;

/// Bytes that are read, at most; a longer secret is refused anyway.
const INPUT_BYTES_MAX: u64 = 4_096;

pub(crate) fn hash(terminal: Terminal) -> anyhow::Result<Exit> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(INPUT_BYTES_MAX).read_to_string(&mut text);
    read.context("cannot read a secret from standard input")?;
    // A line break at the end is the shell's.
    let secret = text.strip_suffix('\n').unwrap_or(&text);
    let secret = secret.strip_suffix('\r').unwrap_or(secret);
    match SecretHash::hash_chosen(secret) {
        Ok(hash) => {
            data(&format!("{hash}\n"))?;
            Ok(Exit::Well)
        }
        Err(error) => {
            terminal.error(&error.to_string());
            Ok(Exit::Usage)
        }
    }
}
