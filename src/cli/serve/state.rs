//! What `serve` and `token` store between starts: the key that signs tokens, the token of the control API and the secrets of the
//! built-in clients; `certificates` stores its own files beside them. Must not print what it stores.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use uuid::Uuid;

use super::private_file::{self, FileContent};
use crate::server::identity::{SECRET_CHARACTERS_MIN, SigningKey};

/// The file of the key that signs tokens.
const SIGNING_KEY: &str = "signing-key.pem";

/// The directory.
#[derive(Clone, Debug)]
pub(crate) struct StateDir(PathBuf);

impl StateDir {
    /// The given directory, or the conventional one of the operating system; it is created if needed, for its owner
    /// alone.
    ///
    /// # Errors
    /// If there is none, it cannot be created, or other users can enter it.
    pub(crate) fn open(given: Option<&Path>) -> anyhow::Result<Self> {
        let path = Self::place(given)?;
        private_folder(&path).with_context(|| format!("cannot make {}", path.display()))?;
        private_file::check_folder(&path)?;
        Ok(Self(path))
    }

    /// The directory of a server that has been started before; nothing is created.
    ///
    /// # Errors
    /// If it is not there, or other users can enter it.
    pub(super) fn found(given: Option<&Path>) -> anyhow::Result<Self> {
        let path = Self::place(given)?;
        ensure!(path.is_dir(), "{} is not there: {}", path.display(), remedy(&path));
        private_file::check_folder(&path)?;
        Ok(Self(path))
    }

    /// Where the directory is.
    fn place(given: Option<&Path>) -> anyhow::Result<PathBuf> {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let usual = || {
            let state = variable("XDG_STATE_HOME").or_else(|| Some(variable("HOME")?.join(".local/state")))?;
            Some(state.join("reveille"))
        };
        let path = given.map(Path::to_owned).or_else(usual);
        path.context("there is no home directory to keep the signing key in: give --state DIR")
    }

    /// The key that signs tokens, generated on first use.
    ///
    /// # Errors
    /// If it cannot be read or made, with the file's name.
    pub(super) fn signing_key(&self) -> anyhow::Result<SigningKey> {
        let path = self.0.join(SIGNING_KEY);
        let pem = match private_file::read_found(&path, FileContent::Secret)? {
            None => keep(&path, &SigningKey::generate_pem()?)?,
            Some(pem) => pem,
        };
        SigningKey::from_pem(&pem).with_context(|| format!("{}: remove it to have a new one made", path.display()))
    }

    /// The key that a server made before.
    ///
    /// # Errors
    /// If it is not there or cannot be read, with the file's name.
    pub(super) fn found_signing_key(&self) -> anyhow::Result<SigningKey> {
        let path = self.0.join(SIGNING_KEY);
        let pem = private_file::read_found(&path, FileContent::Secret)?;
        let pem = pem.with_context(|| format!("{} is not there: {}", path.display(), remedy(&self.0)))?;
        SigningKey::from_pem(&pem)
            .with_context(|| format!("{}: remove it, and the next start makes a new one", path.display()))
    }

    /// The token of the control API, generated on first use, and its file.
    ///
    /// # Errors
    /// If it cannot be read or made, with the file's name.
    pub(crate) fn control_token(&self) -> anyhow::Result<(String, PathBuf)> {
        let path = self.0.join("control-token");
        let token = match private_file::read_found(&path, FileContent::Secret)? {
            None => keep(&path, &random_token())?,
            Some(token) => token,
        };
        Ok((token, path))
    }

    /// The secret of a tenant's built-in client, generated on first use, and its file.
    ///
    /// # Errors
    /// If it cannot be read or made, with the file's name.
    pub(super) fn client_secret(&self, tenant: Uuid) -> anyhow::Result<(String, PathBuf)> {
        let path = self.0.join(format!("client-secret-{tenant}"));
        let secret = match private_file::read_found(&path, FileContent::Secret)? {
            None => keep(&path, &random_token())?,
            Some(secret) => secret.trim_end().to_owned(),
        };
        ensure!(
            secret.len() >= SECRET_CHARACTERS_MIN,
            "{} has fewer than {SECRET_CHARACTERS_MIN} characters: remove it to have a new secret made",
            path.display()
        );
        Ok((secret, path))
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

/// How a directory gets its key.
fn remedy(path: &Path) -> String {
    format!("start `reveille serve --state {}` first, which makes it", path.display())
}

/// Makes a folder that only its owner can enter, and those above it that are missing.
fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// 244 random bits.
fn random_token() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// Writes a new file that only its owner can read; if another process was faster, its content is returned.
fn keep(path: &Path, text: &str) -> anyhow::Result<String> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let kept = match options.open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| text.to_owned()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::read_to_string(path),
        Err(error) => Err(error),
    };
    kept.with_context(|| format!("cannot write {}", path.display()))
}
