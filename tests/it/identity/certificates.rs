//! Risk: a client that was configured to trust this server does not, or trusts more than it should.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;

use reveille::clock::unix_ms;
use reveille::server::http::{ListenerOptions, Server, Tls};
use reveille::server::identity::LocalCa;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::fixtures::caller::{Served, TENANT};
use crate::fixtures::program::{Folder, Said, end_of};

fn openssl(folder: &Folder, arguments: &[&str]) -> Said {
    end_of(Command::new("openssl").args(arguments).current_dir(folder.path()))
}

fn secure(name: &str, more: &[&str]) -> (Served, String) {
    let served = Served::start(name, Some(TENANT), &[&["--tls-listen", "127.0.0.1:0"], more].concat());
    let said = served.running.said();
    let port = said.split("Graph at https://localhost:").nth(1).and_then(|rest| rest.split('/').next());
    let port = port.unwrap_or_else(|| panic!("{said}")).to_owned();
    (served, port)
}

#[test]
fn the_certificate_is_one_that_strict_clients_take() {
    let (served, port) = secure("certificates_strict", &["--public-url", "https://reveille.example.org:8443/x"]);
    let folder = &served.folder;
    let said = served.running.said();
    for client in
        ["curl", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "PowerShell", "keytool", "update-ca-certificates"]
    {
        assert!(said.contains(client), "a new CA is told of: {client}: {said}");
    }
    let verify =
        ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "state/tls-ca.pem", "state/tls-certificate.pem"];
    openssl(folder, &verify).exits(0);
    for name in ["localhost", "graph.microsoft.com", "login.microsoftonline.com", "reveille.example.org"] {
        let named = [&verify[..1], &["-verify_hostname", name], &verify[1..]].concat();
        openssl(folder, &named).exits(0);
        openssl(
            folder,
            &[
                &["s_client", "-verify_return_error", "-CAfile", "state/tls-ca.pem", "-servername", name][..],
                &["-verify_hostname", name, "-connect", &format!("127.0.0.1:{port}"), "-x509_strict"],
            ]
            .concat(),
        )
        .exits(0);
    }
    let leaf = openssl(folder, &["x509", "-in", "state/tls-certificate.pem", "-noout", "-text"]).exits(0).out;
    for words in [
        "CA:FALSE",
        "Digital Signature",
        "TLS Web Server Authentication",
        "X509v3 Authority Key Identifier",
        "DNS:localhost",
        "IP Address:127.0.0.1",
        "IP Address:0:0:0:0:0:0:0:1",
        "DNS:graph.microsoft.com",
        "DNS:sts.windows.net",
    ] {
        assert!(leaf.contains(words), "{words}: {leaf}");
    }
    let ca = openssl(folder, &["x509", "-in", "state/tls-ca.pem", "-noout", "-text"]).exits(0).out;
    for words in [
        "CA:TRUE",
        "Certificate Sign, CRL Sign",
        "X509v3 Subject Key Identifier",
        "X509v3 Name Constraints: critical",
        "DNS:graph.microsoft.com",
    ] {
        assert!(ca.contains(words), "{words}: {ca}");
    }
    assert!(ca.contains("X509v3 Basic Constraints: critical") && ca.contains("X509v3 Key Usage: critical"), "{ca}");
    let day = 86_400;
    let ends = |file: &str, days: u32| {
        openssl(folder, &["x509", "-in", file, "-noout", "-checkend", &(days * day).to_string()]).code != Some(0)
    };
    assert!(!ends("state/tls-certificate.pem", 60) && ends("state/tls-certificate.pem", 397));
    assert!(!ends("state/tls-ca.pem", 3_600) && ends("state/tls-ca.pem", 3_700));
    let curl = |trust: &str| {
        let url = format!("https://localhost:{port}/v1.0/users");
        end_of(Command::new("curl").args(["--silent", "--cacert", trust, &url]).current_dir(folder.path()))
    };
    assert!(curl("state/tls-ca.pem").exits(0).out.contains("InvalidAuthenticationToken"));
    curl("state/tls-certificate.pem").exits(0);
}

#[test]
fn what_an_older_version_left_is_replaced_and_a_second_start_makes_nothing_new() {
    let folder = Folder::new("certificates_old");
    let state = folder.path().join("state");
    fs::create_dir(&state).expect("it can be made");
    fs::set_permissions(&state, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("it is ours");
    openssl(
        &folder,
        &[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            "state/tls-key.pem",
            "-out",
            "state/tls-certificate.pem",
            "-days",
            "9999",
            "-subj",
            "/CN=Reveille",
        ],
    )
    .exits(0);
    let old = folder.read("state/tls-certificate.pem");
    let start = || {
        let mut running =
            folder.start(&["serve", "--state", "state", "--listen", "localhost:0", "--tls-listen", "localhost:0"]);
        running.wait_for("Graph at http://127.0.0.1:");
        let said = running.said().to_owned();
        running.interrupt();
        running.end().exits(0);
        (said, folder.read("state/tls-certificate.pem"), folder.read("state/tls-ca.pem"))
    };
    let (said, first, ca) = start();
    assert!(first != old && first.ends_with(&ca) && said.contains("keytool"), "{said}");
    let (said, second, same_ca) = start();
    assert_eq!((second, same_ca), (first, ca));
    assert!(!said.contains("keytool") && said.contains("SSL_CERT_FILE="), "a short form is enough: {said}");
}

#[test]
fn an_error_names_the_file_that_is_wrong_and_says_what_to_do() {
    let folder = Folder::new("certificates_given");
    let make = |name: &str| {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.pem"));
        let words =
            ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", &key, "-out", &certificate];
        openssl(&folder, &words).exits(0);
    };
    make("rsa");
    make("other");
    openssl(&folder, &["pkcs8", "-topk8", "-in", "rsa.key", "-out", "enc.key", "-passout", "pass:secret"]).exits(0);
    openssl(
        &folder,
        &["rsa", "-in", "rsa.key", "-out", "old.key", "-aes128", "-passout", "pass:secret", "-traditional"],
    )
    .exits(0);
    openssl(&folder, &["x509", "-in", "rsa.pem", "-out", "der.pem", "-outform", "der"]).exits(0);
    folder.write("empty.pem", "");
    folder.write("torn.pem", &folder.read("rsa.pem")[..200]);
    folder.write("torn.key", &folder.read("rsa.key").replace("MII", "!!!"));
    for file in ["rsa.pem", "enc.key", "old.key", "empty.pem", "torn.key"] {
        // As keys they are refused otherwise.
        fs::set_permissions(folder.path().join(file), std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .expect("it is ours");
    }
    for (certificate, key, blamed, words) in [
        ("rsa.pem", "enc.key", "enc.key", "openssl pkey"),
        ("rsa.pem", "old.key", "old.key", "encrypted"),
        ("rsa.pem", "other.key", "other.key", "not the one of the certificate"),
        ("rsa.pem", "rsa.pem", "rsa.pem", "no private key"),
        ("rsa.pem", "empty.pem", "empty.pem", "no private key"),
        ("rsa.pem", "torn.key", "torn.key", "PEM"),
        ("rsa.pem", "missing.key", "missing.key", "cannot read"),
        ("rsa.key", "rsa.key", "rsa.key", "no certificate"),
        ("empty.pem", "rsa.key", "empty.pem", "no certificate"),
        ("der.pem", "rsa.key", "der.pem", "cannot read"),
        ("torn.pem", "rsa.key", "torn.pem", "PEM"),
        ("missing.pem", "rsa.key", "missing.pem", "cannot read"),
    ] {
        let arguments = ["serve", "--state", "state", "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0"];
        let said = folder.run(&[&arguments[..], &["--tls-cert", certificate, "--tls-key", key]].concat());
        assert_ne!(said.code, Some(0));
        let last =
            said.err.lines().rfind(|line| line.contains("error")).unwrap_or_else(|| panic!("{}", said.err)).to_owned();
        assert!(last.contains(blamed) && last.contains(words), "{certificate} {key}: {last}");
        for other in [certificate, key].iter().filter(|name| **name != blamed) {
            assert!(!last.contains(other), "{certificate} {key}: {last}");
        }
    }
}

#[test]
fn a_listener_shows_a_new_certificate_without_a_new_start() {
    let now = unix_ms() / 1_000;
    let names = ["localhost".to_owned()];
    let cas = [(); 2].map(|()| LocalCa::generate(&names, now).expect("there is randomness"));
    let [first, second] = cas.each_ref().map(|ca| ca.sign(&names, now).expect("the names are right"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("the system gives a runtime");
    runtime.block_on(async {
        let tls = Tls::from_pem(&first.chain_pem, &first.key_pem).expect("both belong together");
        let server =
            Server::start(axum::Router::new(), ([127, 0, 0, 1], 0).into(), &ListenerOptions::alone(Some(tls.clone())))
                .expect("a port is free");
        let trusts = async |ca: &LocalCa| is_trusted(server.address(), &ca.certificate_pem).await;
        assert!(trusts(&cas[0]).await && !trusts(&cas[1]).await);
        assert!(Tls::from_pem(&second.chain_pem, &first.key_pem).is_err(), "the key is another's");
        tls.replace(&Tls::from_pem(&second.chain_pem, &second.key_pem).expect("both belong together"));
        assert!(!trusts(&cas[0]).await && trusts(&cas[1]).await);
        server.stop().await;
    });
}

async fn is_trusted(address: SocketAddr, ca: &str) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).expect("it is PEM")).expect("it is a CA");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the library has them")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.expect("it listens");
    let name = ServerName::try_from("localhost").expect("it is a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.is_ok()
}
