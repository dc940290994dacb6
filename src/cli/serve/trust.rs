//! How to make clients trust the local CA and use the proxy: a line for each kind of client. Must contain words only.

use std::path::Path;

use crate::run::quoted;

use super::greeting::powershell;

/// The lines for the CA's file, and for the proxy's address if there is one.
pub(crate) fn lines(ca: &Path, proxy: Option<&str>) -> String {
    // Lines are pasted elsewhere, where a relative path would be wrong.
    let ca = std::path::absolute(ca).unwrap_or_else(|_| ca.to_owned()).display().to_string();
    let (path, windows) = (quoted(&ca), powershell(std::slice::from_ref(&ca)));
    let mut lines = vec![
        ("curl", format!("curl --cacert {path} ...")),
        ("Python", format!("export REQUESTS_CA_BUNDLE={path} SSL_CERT_FILE={path}")),
        ("Node.js", format!("export NODE_EXTRA_CA_CERTS={path}")),
        (".NET, PowerShell, Go", format!("export SSL_CERT_FILE={path}")),
        (
            "Java",
            format!(
                "keytool -importcert -noprompt -alias reveille -file {path} -keystore reveille.p12 -storepass changeit\n\
                 {:22} java -Djavax.net.ssl.trustStore=reveille.p12 -Djavax.net.ssl.trustStorePassword=changeit ...",
                ""
            ),
        ),
        (
            "Debian's store",
            format!("sudo cp {path} /usr/local/share/ca-certificates/reveille.crt && sudo update-ca-certificates"),
        ),
        (
            "macOS's store",
            format!("sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain {path}"),
        ),
        (
            "Windows's store",
            format!("Import-Certificate -FilePath {windows} -CertStoreLocation Cert:\\CurrentUser\\Root"),
        ),
    ];
    if let Some(proxy) = proxy {
        lines.push(("all of them", format!("export HTTPS_PROXY={proxy}")));
        lines.push(("Node.js's own fetch", "export NODE_USE_ENV_PROXY=1 (Node.js 24 and later)".to_owned()));
    }
    let lines: Vec<String> = lines.into_iter().map(|(client, line)| format!("  {client:20} {line}")).collect();
    format!("to trust {path}:\n{}", lines.join("\n"))
}

/// The same in one line, for a start with a known CA.
pub(crate) fn short(ca: &Path) -> String {
    let path = quoted(&ca.display().to_string());
    format!(
        "to trust it: NODE_EXTRA_CA_CERTS={path} · SSL_CERT_FILE={path} · curl --cacert {path} (more: docs/serve.md)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_one_word_in_every_line() {
        let said = lines(Path::new("/a b/it's/tls-ca.pem"), Some("http://127.0.0.1:8888"));
        for line in said.lines().skip(1).filter(|line| line.contains("tls-ca.pem")) {
            let command = &line[22..];
            let is_whole = if line.contains("Import-Certificate") {
                command.contains("-FilePath '/a b/it''s/tls-ca.pem' ")
            } else {
                let words = shlex::split(command).unwrap_or_else(|| panic!("not a command: {command}"));
                words.iter().any(|word| word.ends_with("/a b/it's/tls-ca.pem"))
            };
            assert!(is_whole, "{line}");
        }
    }
}
