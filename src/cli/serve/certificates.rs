//! The local CA and the server's certificate in the state directory: made on first use, and made again when they expire
//! or lack a name, at a start or while a server runs. Must not talk to clients.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::server::identity::{LocalCa, ServerCertificate};

/// Where they are stored, and for which names.
#[derive(Clone, Debug)]
pub(super) struct Certificates {
    folder: PathBuf,
    names: Vec<String>,
}

/// The current certificate.
pub(super) struct Current {
    pub(crate) certificate: ServerCertificate,
    /// Whether the CA is new, so that clients do not trust it yet.
    pub(super) is_ca_new: bool,
}

/// Which users may read a file.
#[derive(Clone, Copy, Debug)]
enum Readers {
    Owner,
    All,
}

impl Certificates {
    /// In this folder, for these names and addresses.
    pub(crate) fn new(folder: &Path, names: impl IntoIterator<Item = String>) -> Self {
        let mut known = Vec::new();
        names.into_iter().for_each(|name| {
            if !known.contains(&name) {
                known.push(name);
            }
        });
        Self { folder: folder.to_owned(), names: known }
    }

    /// The file that clients must trust.
    pub(super) fn ca_path(&self) -> PathBuf {
        self.folder.join("tls-ca.pem")
    }

    /// The stored certificate if it is still valid, or a new one from the stored CA if that can still sign, or else
    /// from a new CA; `now` in Unix seconds.
    ///
    /// # Errors
    /// If a file cannot be read or written, or is not a CA, with its name.
    pub(crate) fn current(&self, now: u64) -> anyhow::Result<Current> {
        // Servers that share a folder start one after the other, so that they use the same files.
        let _turn = self.turn()?;
        let (ca_path, ca_key_path) = (self.ca_path(), self.folder.join("tls-ca-key.pem"));
        let kept = both(&ca_path, &ca_key_path)?.map(|(certificate_pem, key_pem)| LocalCa { certificate_pem, key_pem });
        let kept = kept.map(|ca| Ok::<_, anyhow::Error>((ca.may_sign(&self.names, now)?, ca))).transpose();
        let kept = kept.with_context(|| {
            format!("{}: remove it and {} to have a new one made", ca_path.display(), ca_key_path.display())
        })?;
        let (ca, is_ca_new) = match kept {
            Some((true, ca)) => (ca, false),
            _ => {
                let ca = LocalCa::generate(&self.names, now)?;
                write(&ca_key_path, &ca.key_pem, Readers::Owner)?;
                write(&ca_path, &ca.certificate_pem, Readers::All)?;
                (ca, true)
            }
        };
        let (chain_path, key_path) = (self.folder.join("tls-certificate.pem"), self.folder.join("tls-key.pem"));
        let kept = both(&chain_path, &key_path)?.map(|(chain_pem, key_pem)| ServerCertificate { chain_pem, key_pem });
        if let Some(kept) = kept
            && ca.is_current(&kept, &self.names, now)?
        {
            return Ok(Current { certificate: kept, is_ca_new });
        }
        let certificate = ca.sign(&self.names, now)?;
        write(&key_path, &certificate.key_pem, Readers::Owner)?;
        write(&chain_path, &certificate.chain_pem, Readers::All)?;
        Ok(Current { certificate, is_ca_new })
    }

    fn turn(&self) -> anyhow::Result<File> {
        let path = self.folder.join("tls.lock");
        let locked = OpenOptions::new().create(true).append(true).open(&path).and_then(|file| {
            file.lock()?;
            Ok(file)
        });
        locked.with_context(|| format!("cannot lock {}", path.display()))
    }
}

/// Two files that are only useful together; a name that is not UTF-8 counts as missing.
fn both(first: &Path, second: &Path) -> anyhow::Result<Option<(String, String)>> {
    let read = |path: &Path| match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    Ok(read(first)?.zip(read(second)?))
}

/// Replaces a file atomically, so that no reader sees half of it.
fn write(path: &Path, text: &str, readers: Readers) -> anyhow::Result<()> {
    let written = || -> io::Result<()> {
        let beside = path.with_extension("pem.new");
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(
            &mut options,
            match readers {
                Readers::Owner => 0o600,
                Readers::All => 0o644,
            },
        );
        #[cfg(not(unix))]
        let _ = readers;
        let mut file = options.open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    written().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_790_000_000;
    const DAY: u64 = 86_400;

    /// An empty folder for one test.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("reveille-certificates-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder can be made");
        folder
    }

    fn at(folder: &Path, names: &[&str], now: u64) -> Current {
        let names = names.iter().map(|name| (*name).to_owned());
        Certificates::new(folder, names).current(now).expect("they can be made")
    }

    #[test]
    fn they_are_made_once_and_again_when_time_or_names_are_not_enough() {
        let folder = folder("again");
        let first = at(&folder, &["localhost", "graph.microsoft.com"], NOW);
        assert!(first.is_ca_new);
        let same = at(&folder, &["localhost"], NOW + 50 * DAY);
        assert!(!same.is_ca_new && same.certificate.chain_pem == first.certificate.chain_pem);
        let renewed = at(&folder, &["localhost"], NOW + 70 * DAY);
        assert!(!renewed.is_ca_new && renewed.certificate.chain_pem != first.certificate.chain_pem);
        let ca = fs::read_to_string(folder.join("tls-ca.pem")).expect("it is there");
        assert!(renewed.certificate.chain_pem.ends_with(&ca) && first.certificate.chain_pem.ends_with(&ca));
        let renamed = at(&folder, &["localhost", "second.test"], NOW + 70 * DAY);
        assert!(!renamed.is_ca_new && renamed.certificate.chain_pem != renewed.certificate.chain_pem);
        assert!(
            at(&folder, &["localhost", "reveille.example.org"], NOW + 70 * DAY).is_ca_new,
            "a name it may not sign for"
        );
        assert!(at(&folder, &["localhost"], NOW + 3_600 * DAY).is_ca_new, "its end is near");
        fs::remove_file(folder.join("tls-ca-key.pem")).expect("it is there");
        assert!(at(&folder, &["localhost"], NOW + 3_600 * DAY).is_ca_new, "half of it is gone");
        fs::remove_dir_all(folder).expect("it is there");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_the_keys() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = folder("modes");
        // Files with wide permissions, from an older version or made by hand.
        for name in ["tls-certificate.pem", "tls-key.pem", "tls-key.pem.new"] {
            fs::write(folder.join(name), "x").expect("it can be written");
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o666))
                .expect("the file belongs to this process");
        }
        at(&folder, &["localhost"], NOW);
        let mode = |name: &str| fs::metadata(folder.join(name)).expect(name).permissions().mode() & 0o777;
        assert_eq!([mode("tls-ca-key.pem"), mode("tls-key.pem")], [0o600, 0o600]);
        assert_eq!([mode("tls-ca.pem"), mode("tls-certificate.pem")].map(|mode| mode & 0o022), [0, 0]);
        let names: Vec<_> =
            fs::read_dir(&folder).expect("it is there").flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(names.len(), 5, "nothing is left beside them: {names:?}");
        fs::remove_dir_all(folder).expect("it is there");
    }

    #[test]
    fn an_invalid_ca_is_named_with_the_remedy() {
        let folder = folder("broken");
        at(&folder, &["localhost"], NOW);
        fs::write(folder.join("tls-ca.pem"), "x").expect("it can be written");
        let error =
            Certificates::new(&folder, ["localhost".to_owned()]).current(NOW).map(drop).expect_err("it is none");
        let said = format!("{error:#}");
        assert!(said.contains("tls-ca.pem") && said.contains("remove it"), "{said}");
        fs::remove_dir_all(folder).expect("it is there");
    }
}
