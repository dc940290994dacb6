//! Certificates that OpenSSL makes for one test: authorities, servers, clients. Must not judge answers.
#![cfg(unix)]

use std::process::Command;

use crate::fixtures::program::{Folder, Said, end_of};

/// Runs OpenSSL in a folder.
pub(super) fn openssl(folder: &Folder, arguments: &[&str]) -> Said {
    end_of(Command::new("openssl").args(arguments).current_dir(folder.path()))
}

/// Makes an authority: `NAME.crt` and `NAME.key`.
pub(super) fn authority(folder: &Folder, name: &str) {
    let (certificate, key, subject) = (format!("{name}.crt"), format!("{name}.key"), format!("/CN={name}"));
    let curve = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    openssl(folder, &[&curve[..], &["-keyout", &key, "-out", &certificate, "-subj", &subject]].concat()).exits(0);
}

/// Makes `NAME.crt` and `NAME.key` of an authority, for a server on this machine.
pub(super) fn server(folder: &Folder, authority: &str, name: &str) {
    let extensions = "subjectAltName = DNS:localhost, IP:127.0.0.1\nextendedKeyUsage = serverAuth\n";
    signed(folder, authority, name, &format!("/CN={name}"), extensions);
}

/// The same for a client with this subject.
pub(super) fn client(folder: &Folder, authority: &str, name: &str, subject: &str) {
    signed(folder, authority, name, subject, "extendedKeyUsage = clientAuth\n");
}

/// The same for a client with this alternative name.
pub(super) fn client_named(folder: &Folder, authority: &str, name: &str, alternative: &str) {
    let extensions = format!("subjectAltName = DNS:{alternative}\nextendedKeyUsage = clientAuth\n");
    signed(folder, authority, name, &format!("/CN={name}"), &extensions);
}

fn signed(folder: &Folder, authority: &str, name: &str, subject: &str, extensions: &str) {
    let file = |ending: &str| format!("{name}.{ending}");
    let (key, request, certificate, written) = (file("key"), file("csr"), file("crt"), file("ext"));
    let (ca, ca_key) = (format!("{authority}.crt"), format!("{authority}.key"));
    folder.write(&written, &format!("basicConstraints = CA:FALSE\n{extensions}"));
    let curve = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8"];
    openssl(folder, &[&curve[..], &["-keyout", &key, "-out", &request, "-subj", subject]].concat()).exits(0);
    let by = ["x509", "-req", "-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial", "-days", "2", "-extfile", &written];
    openssl(folder, &[&by[..], &["-in", &request, "-out", &certificate]].concat()).exits(0);
}

/// The status that curl gets from `https://` or `http://`, or its exit code if there is no answer; with the body and the
/// headers.
pub(super) fn curl(folder: &Folder, arguments: &[&str]) -> Result<(u16, String), i32> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "60", "--include"]);
    let said = end_of(command.args(arguments).current_dir(folder.path()));
    match said.code {
        Some(0) => {
            let status = said.out.split(' ').nth(1).and_then(|status| status.parse().ok());
            Ok((status.unwrap_or_else(|| panic!("{}", said.out)), said.out))
        }
        code => Err(code.unwrap_or(-1)),
    }
}

/// The status alone.
pub(super) fn status(folder: &Folder, arguments: &[&str]) -> Result<u16, i32> {
    curl(folder, arguments).map(|(status, _)| status)
}
