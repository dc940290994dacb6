//! Risk: a web configuration promises TLS, certificates or passwords that a listener does not ask for.
#![cfg(unix)]

use std::fs::Permissions;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::authority::{authority, client, client_named, curl, openssl, server, status};
use super::secured::{lines, private};
use crate::fixtures::caller::TENANT;
use crate::fixtures::program::{Folder, Running};

const OPERATOR: &str = "token-of-ann-0123456789";
const TLS: &str = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";
/// A subject with what could be taken for another attribute, and how OpenSSL names it by RFC 2253.
const SUBJECT: &str = "/O=Example, Inc./OU=Night shift/CN=ops\\+1";

/// The section of users with this password each, for names that are texts in YAML.
fn users(names: &[(&str, &str)]) -> String {
    let line = |(name, password): &(&str, &str)| {
        format!("  {name}: {}\n", bcrypt::hash(password, 10).expect("there is randomness"))
    };
    format!("basic_auth_users:\n{}", names.iter().map(line).collect::<Vec<_>>().concat())
}

fn verifying(kind: &str) -> String {
    format!("{TLS}  client_auth_type: {kind}\n  client_ca_file: clients.crt\n")
}

/// A folder with a server's certificate, and clients of a known and of a foreign authority.
fn certificates(name: &str) -> Folder {
    let folder = Folder::new(name);
    for name in ["ca", "clients", "foreign"] {
        authority(&folder, name);
    }
    server(&folder, "ca", "server");
    client(&folder, "clients", "ann", SUBJECT);
    client(&folder, "foreign", "eve", SUBJECT);
    folder
}

/// A server of this folder, and the origins of its metrics and of its control API.
fn serve(folder: &Folder, more: &[&str]) -> (Running, [String; 2]) {
    folder.write("scenario.toml", TENANT);
    let fixed = ["serve", "--state", "state", "--listen", "127.0.0.1:0", "--scenario", "scenario.toml"];
    let mut running = folder.start(&[&fixed[..], &["--control-token", OPERATOR], more].concat());
    running.wait_for("Graph at http://");
    let said = running.said();
    let origin = |name: &str| {
        let line = said.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{said}"));
        let url = line.split(' ').find(|word| word.contains("://")).expect("it says where");
        url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
    };
    let origins = ["metrics at", "control at"].map(origin);
    (running, origins)
}

fn set_mode(folder: &Folder, name: &str, mode: u32) {
    std::fs::set_permissions(folder.path().join(name), Permissions::from_mode(mode)).expect("it is ours");
}

/// What a server says that does not start with these options.
#[track_caller]
fn refused(folder: &Folder, more: &[&str]) -> String {
    let fixed = ["serve", "--state", "state", "--listen", "127.0.0.1:0"];
    folder.run(&[&fixed[..], more].concat()).exits(2).err
}

#[test]
fn passwords_guard_every_path_of_the_metrics() {
    let folder = Folder::new("security_web_users");
    private(&folder, "web.yml", &users(&[("ann", "right"), ("\"bob \"", "a:b")]));
    let (running, [metrics, _]) = serve(&folder, &["--metrics-web-config", "web.yml"]);
    assert!(metrics.starts_with("http://127.0.0.1:"), "{metrics}");
    for path in ["/metrics", "/", "/runbook", "/nothing"] {
        let url = format!("{metrics}{path}");
        let found = if path == "/nothing" { 404 } else { 200 };
        for (user, expected) in [
            ("ann:right", found),
            ("bob :a:b", found),
            ("ann:wrong", 401),
            ("ann:", 401),
            ("bob:a:b", 401),
            ("mallory:right", 401),
        ] {
            assert_eq!(status(&folder, &["--user", user, &url]), Ok(expected), "{path} {user}");
        }
        let (code, answer) = curl(&folder, &[&url]).expect("it answers");
        assert!(code == 401 && answer.contains("\r\nwww-authenticate: Basic\r\n"), "{answer}");
        assert_eq!(status(&folder, &["--oauth2-bearer", "ann", &url]), Ok(401));
    }
    let (_, page) = curl(&folder, &["--user", "ann:right", &format!("{metrics}/metrics")]).expect("it answers");
    assert!(page.contains("reveille_http_requests_total{route=\"/metrics\",status=\"401\"} 6\n"), "{page}");
    running.terminate();
    let said = running.end().exits(0).err;
    assert!(said.contains("a wrong password") && !said.contains("mallory"), "an unlisted name is in no log: {said}");
}

#[test]
fn an_address_that_others_reach_needs_tls_or_plain_http() {
    let folder = certificates("security_web_exposure");
    folder.write("tls.yml", TLS);
    private(&folder, "users.yml", &users(&[("ann", "right")]));
    folder.write("empty.yml", "");
    for (option, listen) in [("--metrics-web-config", "--metrics-listen"), ("--control-web-config", "--control-listen")]
    {
        for file in ["users.yml", "empty.yml"] {
            let told = refused(&folder, &[listen, "0.0.0.0:0", option, file]);
            let is_control = option == "--control-web-config";
            let said = if is_control && file == "users.yml" {
                "`basic_auth_users` is not for the control API"
            } else {
                option
            };
            assert!(told.contains(said), "{option} {file}: {told}");
        }
    }
    let all = ["--metrics-listen", "0.0.0.0:0", "--control-listen", "0.0.0.0:0"];
    let web = ["--metrics-web-config", "tls.yml", "--control-web-config", "tls.yml"];
    let (_running, origins) = serve(&folder, &[&all[..], &web].concat());
    for (origin, path) in origins.iter().zip(["/metrics", "/_reveille/live"]) {
        let port = origin.strip_prefix("https://0.0.0.0:").unwrap_or_else(|| panic!("{origin}"));
        let url = format!("https://localhost:{port}{path}");
        let (code, answer) = curl(&folder, &["--cacert", "ca.crt", &url]).expect("it answers");
        assert!(code == 200 && answer.contains("x-content-type-options: nosniff"), "{answer}");
        // A name that is not this machine's: browsers are told to stay with TLS.
        let named = ["--insecure", "--header", "Host: reveille.example.test", &url];
        assert!(curl(&folder, &named).expect("it answers").1.contains("strict-transport-security: max-age=31536000"));
    }
    let run = ["run", "example:app-removed", "--metrics-listen", "0.0.0.0:0", "--metrics-web-config"];
    let told = folder.run(&[&run[..], &["users.yml"]].concat()).exits(2).err;
    assert!(told.contains("--plain-http") && told.contains("--metrics-web-config"), "{told}");
    let mut running = folder.start(&[&run[..], &["tls.yml", "--hold"]].concat());
    running.wait_for("metrics stay at https://0.0.0.0:");
    running.interrupt();
    running.end();
}

#[test]
fn a_client_needs_a_certificate_of_a_known_authority() {
    let folder = certificates("security_web_clients");
    let with = |name: &str, url: &str| {
        let (certificate, key) = (format!("{name}.crt"), format!("{name}.key"));
        let own = ["--cert", &certificate, "--key", &key];
        let own = if name.is_empty() { &[][..] } else { &own };
        status(&folder, &[&["--cacert", "ca.crt"], own, &[&format!("{url}/metrics")]].concat())
    };
    for (kind, anonymous) in [("RequireAndVerifyClientCert", None), ("VerifyClientCertIfGiven", Some(200))] {
        folder.write("web.yml", &verifying(kind));
        let (_running, [metrics, _]) = serve(&folder, &["--metrics-web-config", "web.yml"]);
        assert_eq!(with("ann", &metrics), Ok(200), "{kind}");
        assert_eq!(with("", &metrics).ok(), anonymous, "{kind}");
        assert!(with("eve", &metrics).is_err(), "{kind}: a foreign authority");
        assert!(with("server", &metrics).is_err(), "{kind}: the server's own certificate");
        // HTTP without TLS gets no answer of HTTP.
        let address = metrics.strip_prefix("https://").unwrap_or_else(|| panic!("{metrics}"));
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("it listens");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP") && answer.len() < 64, "{answer:?}");
    }
}

#[test]
fn a_client_needs_an_allowed_name_where_names_are_listed() {
    let folder = certificates("security_web_names");
    client_named(&folder, "clients", "ops", "ops.example.test");
    let allowed = "  client_allowed_sans: [other.example.test, ops.example.test]\n";
    folder.write("web.yml", &(verifying("RequireAndVerifyClientCert") + allowed));
    let (_running, [metrics, _]) = serve(&folder, &["--metrics-web-config", "web.yml"]);
    let asks = |name: &str| {
        let (certificate, key) = (format!("{name}.crt"), format!("{name}.key"));
        let url = format!("{metrics}/metrics");
        status(&folder, &["--cacert", "ca.crt", "--cert", &certificate, "--key", &key, &url])
    };
    assert_eq!(asks("ops"), Ok(200));
    assert!(asks("ann").is_err(), "a certificate without the name");
}

#[test]
fn only_the_versions_of_the_file_are_spoken() {
    let folder = certificates("security_web_versions");
    for (key, old, new) in [("min_version: TLS13", false, true), ("max_version: TLS12", true, false)] {
        folder.write("web.yml", &format!("{TLS}  {key}\n"));
        let (_running, [metrics, _]) = serve(&folder, &["--metrics-web-config", "web.yml"]);
        let url = format!("{metrics}/metrics");
        let asks = |version: &[&str]| status(&folder, &[&["--cacert", "ca.crt", &url][..], version].concat()).is_ok();
        assert_eq!((asks(&["--tls-max", "1.2"]), asks(&["--tlsv1.3"])), (old, new), "{key}");
    }
}

#[test]
fn the_record_names_the_certificate_of_a_control_request() {
    let folder = certificates("security_web_control");
    for (kind, file) in [("RequireAndVerifyClientCert", "required.log"), ("VerifyClientCertIfGiven", "given.log")] {
        folder.write("web.yml", &verifying(kind));
        let (running, [_, control]) = serve(&folder, &["--control-web-config", "web.yml", "--audit-log", file]);
        let asks = |own: &[&str], token: &str| {
            let url = format!("{control}/_reveille/reload");
            let fixed = ["--cacert", "ca.crt", "--request", "POST", "--oauth2-bearer", token, &url];
            status(&folder, &[&fixed[..], own].concat())
        };
        let ann = ["--cert", "ann.crt", "--key", "ann.key"];
        assert_eq!((asks(&ann, OPERATOR), asks(&ann, "another-token-0123")), (Ok(200), Ok(401)), "{kind}");
        let anonymous = asks(&[], OPERATOR);
        assert_eq!(anonymous.ok(), (kind == "VerifyClientCertIfGiven").then_some(200), "{kind}");
        assert!(asks(&["--cert", "eve.crt", "--key", "eve.key"], OPERATOR).is_err(), "{kind}");
        running.terminate();
        running.end().exits(0);
        let recorded = lines(&folder.read(file));
        let recorded: Vec<&Value> = recorded.iter().filter(|line| line["event"] == "control").collect();
        let named =
            openssl(&folder, &["x509", "-in", "ann.crt", "-noout", "-subject", "-nameopt", "RFC2253"]).exits(0).out;
        let subject = named.trim().strip_prefix("subject=").expect("it names the subject");
        assert_eq!(subject, "CN=ops\\+1,OU=Night shift,O=Example\\, Inc.");
        for (line, outcome) in recorded.iter().zip(["done", "refused"]) {
            assert_eq!((&line["certificate"], &line["outcome"]), (&json!(subject), &json!(outcome)), "{line}");
        }
        assert_eq!(recorded.len(), 2 + usize::from(anonymous.is_ok()));
        assert!(recorded.iter().skip(2).all(|line| line.get("certificate").is_none()), "{recorded:?}");
    }
}

#[test]
fn certificates_authorities_and_users_are_read_anew_and_a_wrong_file_changes_nothing() {
    let folder = certificates("security_web_reload");
    private(&folder, "web.yml", &(verifying("RequireAndVerifyClientCert") + &users(&[("ann", "first")])));
    folder.write("control.yml", TLS);
    let web = ["--metrics-web-config", "web.yml", "--control-web-config", "control.yml"];
    let graph = ["--tls-listen", "127.0.0.1:0", "--tls-cert", "server.crt", "--tls-key", "server.key"];
    let (mut running, [metrics, control]) = serve(&folder, &[&web[..], &graph].concat());
    let port = running.said().split("https://localhost:").nth(1).and_then(|rest| rest.split('/').next());
    let tls = format!("https://localhost:{}/v1.0/users", port.expect("the Graph API has TLS"));
    let asks = |ca: &str, name: &str, user: &str| {
        let (certificate, key) = (format!("{name}.crt"), format!("{name}.key"));
        let url = format!("{metrics}/metrics");
        status(&folder, &["--cacert", ca, "--cert", &certificate, "--key", &key, "--user", user, &url])
    };
    let trusted = |ca: &str| {
        let live = format!("{control}/_reveille/live");
        (status(&folder, &["--cacert", ca, &live]).ok(), status(&folder, &["--cacert", ca, &tls]).ok())
    };
    assert_eq!(asks("ca.crt", "ann", "ann:first"), Ok(200));
    assert_eq!(trusted("ca.crt"), (Some(200), Some(401)));
    for (text, said) in [
        ("tls_server_config:\n  cert_fiel: x\n".to_owned(), "web.yml: line 2: `tls_server_config.cert_fiel`"),
        (TLS.replace("server.key", "ann.key"), "ann.key: the private key is not the one"),
        (users(&[("ann", "second")]), "web.yml: it has no tls_server_config any more"),
        (TLS.replace("server.crt", "nowhere.crt"), "cannot read nowhere.crt"),
    ] {
        private(&folder, "web.yml", &text);
        running.hang_up();
        let told = running.wait_for("nothing is changed");
        assert!(told.contains(said), "{told}");
        assert_eq!(asks("ca.crt", "ann", "ann:first"), Ok(200), "{said}");
    }
    // Another authority of the server, another one of its clients, another password.
    private(&folder, "web.yml", &(verifying("RequireAndVerifyClientCert") + &users(&[("ann", "second")])));
    authority(&folder, "later");
    server(&folder, "later", "server");
    std::fs::copy(folder.path().join("foreign.crt"), folder.path().join("clients.crt")).expect("it is ours");
    running.hang_up();
    running.wait_for("read anew");
    assert!(asks("ca.crt", "eve", "ann:second").is_err() && asks("later.crt", "ann", "ann:second").is_err());
    assert_eq!((asks("later.crt", "eve", "ann:first"), asks("later.crt", "eve", "ann:second")), (Ok(401), Ok(200)));
    assert_eq!((trusted("ca.crt"), trusted("later.crt")), ((None, None), (Some(200), Some(401))));
}

#[test]
fn files_that_others_read_or_write_are_refused_with_the_remedy() {
    let folder = certificates("security_web_files");
    folder.write("tls.yml", TLS);
    private(&folder, "users.yml", &users(&[("ann", "right")]));
    private(&folder, "inline.yml", "tls_server_config:\n  cert_file: server.crt\n  key: x\n");
    let graph = ["--tls-listen", "127.0.0.1:0", "--tls-cert", "server.crt", "--tls-key", "server.key"];
    for (file, options, wrong) in [
        ("server.key", &["--metrics-web-config", "tls.yml"][..], [0o644, 0o604, 0o660]),
        ("server.key", &["--control-web-config", "tls.yml"], [0o644, 0o604, 0o660]),
        ("server.key", &graph, [0o644, 0o604, 0o660]),
        ("users.yml", &["--metrics-web-config", "users.yml"], [0o644, 0o604, 0o660]),
        ("inline.yml", &["--metrics-web-config", "inline.yml"], [0o644, 0o604, 0o660]),
    ] {
        for mode in wrong {
            set_mode(&folder, file, mode);
            let told = refused(&folder, options);
            assert!(told.contains(&format!("chmod 600 {file}")), "{options:?} {mode:o}: {told}");
        }
        set_mode(&folder, file, 0o600);
    }
    for (file, options) in [
        ("tls.yml", &["--metrics-web-config", "tls.yml"][..]),
        ("server.crt", &["--metrics-web-config", "tls.yml"]),
        ("server.crt", &graph),
    ] {
        set_mode(&folder, file, 0o646);
        let told = refused(&folder, options);
        assert!(told.contains(&format!("chmod o-w {file}")), "{options:?}: {told}");
        set_mode(&folder, file, 0o644);
    }
    // As Debian's group `ssl-cert` has it, and as service managers pass secrets.
    set_mode(&folder, "server.key", 0o640);
    serve(&folder, &["--metrics-web-config", "tls.yml"]);
}

#[test]
fn a_wrong_web_configuration_is_refused_by_file_line_and_key() {
    let folder = certificates("security_web_wrong");
    std::fs::create_dir(folder.path().join("conf")).expect("it can be made");
    for (text, said) in [
        (
            format!("{TLS}  cipher_suites: []\n"),
            "conf/web.yml: line 4: `tls_server_config.cipher_suites` cannot be chosen",
        ),
        (format!("{TLS}  client_auth_type: RequireAnyClientCert\n"), "line 4: `tls_server_config.client_auth_type`"),
        (
            format!("{TLS}  client_allowed_sans: [x]\n"),
            "line 4: `tls_server_config.client_allowed_sans` needs client_auth_type",
        ),
        ("http_server_config:\n  http2: true\n".to_owned(), "line 2: `http_server_config.http2`"),
        ("basic_auth_usres:\n".to_owned(), "did you mean `basic_auth_users`?"),
        (
            "basic_auth_users:\n  ann: right\n".to_owned(),
            "the user `ann` has no hash of bcrypt: `htpasswd -nBC 10 NAME`",
        ),
        // Paths are relative to the folder of the file.
        (TLS.to_owned(), "cannot read conf/server.crt: no such file"),
        (
            TLS.replace("server.crt", "../ann.crt").replace("server.key", "../eve.key"),
            "cannot use conf/../eve.key: the private key is not",
        ),
        (
            verifying("RequireAndVerifyClientCert").replace("file: ", "file: ../").replace("clients.crt", "server.key"),
            "cannot use conf/../server.key: there is no certificate in it",
        ),
    ] {
        private(&folder, "conf/web.yml", &text);
        let told = refused(&folder, &["--metrics-web-config", "conf/web.yml"]);
        assert!(told.contains(said), "{text}: {told}");
        let told = folder.run(&["run", "example:app-removed", "--metrics-web-config", "conf/web.yml"]).exits(2).err;
        assert!(told.contains(said), "{text}: {told}");
    }
    assert!(refused(&folder, &["--control-web-config", "nowhere.yml"]).contains("cannot read nowhere.yml"));
}
