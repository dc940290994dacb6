//! The section `tls_server_config` of a web configuration: which certificate a listener shows, and which it asks clients
//! for. A key of the format that this server does not follow is refused by its name. Must not read a certificate.

use super::error::WebConfigError;
use super::yaml::{YamlEntry, YamlNode, YamlValue};
use crate::server::http::tls_settings::{ClientCertificates, TlsVersions};

/// What stands before a key in an error.
const SECTION: &str = "tls_server_config.";

/// The key of names that certificates of clients must have.
const ALLOWED_NAMES: &str = "client_allowed_sans";

/// The keys of the section.
const KEYS: [&str; 13] = [
    "cert",
    "cert_file",
    "key",
    "key_file",
    "client_ca",
    "client_ca_file",
    "client_auth_type",
    ALLOWED_NAMES,
    "min_version",
    "max_version",
    "cipher_suites",
    "prefer_server_cipher_suites",
    "curve_preferences",
];

/// Where a text in PEM is.
#[derive(Clone, PartialEq, Eq)]
pub enum PemSource {
    /// In the web configuration itself.
    Inline(String),
    /// In a file, relative to the folder of the web configuration.
    File(String),
}

impl std::fmt::Debug for PemSource {
    /// Omits a text, which may be a private key.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Inline(_) => out.write_str("Inline"),
            Self::File(file) => out.debug_tuple("File").field(file).finish(),
        }
    }
}

/// The section, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSection {
    /// The certificate chain.
    pub chain: PemSource,
    /// The private key of the first certificate.
    pub key: PemSource,
    /// What clients are asked for, with the certificates of the authorities.
    pub clients: ClientCertificates<PemSource>,
    /// The alternative names of which a client's certificate must have one; with none, every verified one is admitted.
    pub allowed_names: Vec<String>,
    /// The versions that it speaks.
    pub versions: TlsVersions,
}

/// A value of the section.
#[derive(Clone, Copy)]
struct Given<'y> {
    line: usize,
    key: &'static str,
    text: &'y str,
}

impl Given<'_> {
    fn unsupported(self, remedy: &'static str) -> WebConfigError {
        WebConfigError::Unsupported { line: self.line, key: format!("{SECTION}{}", self.key), remedy }
    }

    fn wrong(self, expected: &str) -> WebConfigError {
        let (line, key) = (self.line, format!("{SECTION}{}", self.key));
        WebConfigError::WrongValue { line, key, expected: expected.to_owned() }
    }
}

/// The section that begins on `line`; `None` if no key in it has a value, which is no TLS.
pub(super) fn section(line: usize, entries: &[YamlEntry]) -> Result<Option<TlsSection>, WebConfigError> {
    let given = entries.iter().map(given).collect::<Result<Vec<_>, _>>()?;
    let given: Vec<Given<'_>> = given.into_iter().flatten().collect();
    let names = entries.iter().find(|entry| entry.key == ALLOWED_NAMES);
    let allowed_names = names.map(allowed_names).transpose()?.unwrap_or_default();
    if given.is_empty() && allowed_names.is_empty() {
        return Ok(None);
    }
    let find = |key: &str| given.iter().copied().find(|found| found.key == key);
    let missing = |key: &str, remedy| WebConfigError::MissingKey { line, key: format!("{SECTION}{key}"), remedy };
    let chain = source(find("cert"), find("cert_file"))?;
    let key = source(find("key"), find("key_file"))?;
    let (chain, key) = (
        chain.ok_or_else(|| missing("cert_file", "name the file of the certificate chain in PEM"))?,
        key.ok_or_else(|| missing("key_file", "name the file of the private key in PEM"))?,
    );
    let authorities = source(find("client_ca"), find("client_ca_file"))?;
    let clients = clients(find("client_auth_type"), authorities, find("client_ca").or(find("client_ca_file")), line)?;
    let versions = versions(find("min_version"), find("max_version"))?;
    if let (Some(names), false, ClientCertificates::NotAsked | ClientCertificates::IfGiven(_)) =
        (names, allowed_names.is_empty(), &clients)
    {
        let remedy = "needs client_auth_type RequireAndVerifyClientCert: other clients send no certificate that could have a name";
        return Err(Given { line: names.line, key: ALLOWED_NAMES, text: "" }.unsupported(remedy));
    }
    Ok(Some(TlsSection { chain, key, clients, allowed_names, versions }))
}

/// A key with its value, or `None` if it has none; keys that are not followed are refused.
fn given(entry: &YamlEntry) -> Result<Option<Given<'_>>, WebConfigError> {
    let Some(key) = KEYS.into_iter().find(|key| *key == entry.key) else {
        return Err(WebConfigError::unknown(entry.line, SECTION, &entry.key, &KEYS));
    };
    let found = |text| Given { line: entry.line, key, text };
    let unsupported = |remedy| match entry.node.value {
        YamlValue::Null => Ok(None),
        _ => Err(found("").unsupported(remedy)),
    };
    match key {
        // It is a list, and read as one.
        ALLOWED_NAMES => Ok(None),
        "cipher_suites" | "prefer_server_cipher_suites" => unsupported(
            "cannot be chosen: every suite of this server has forward secrecy and authenticated encryption; remove it",
        ),
        "curve_preferences" => {
            unsupported("cannot be chosen: this server has X25519, CurveP256 and CurveP384; remove it")
        }
        _ => match &entry.node.value {
            YamlValue::Null => Ok(None),
            YamlValue::Text(text) if text.is_empty() => Ok(None),
            YamlValue::Text(text) => Ok(Some(found(text))),
            YamlValue::List(_) | YamlValue::Map(_) => Err(found("").wrong("a text")),
        },
    }
}

/// The names of `client_allowed_sans`.
fn allowed_names(entry: &YamlEntry) -> Result<Vec<String>, WebConfigError> {
    let wrong = || Given { line: entry.line, key: ALLOWED_NAMES, text: "" }.wrong("a list of one name or more");
    let names = match &entry.node.value {
        YamlValue::Null => return Ok(Vec::new()),
        YamlValue::List(names) if !names.is_empty() => names,
        YamlValue::List(_) | YamlValue::Text(_) | YamlValue::Map(_) => return Err(wrong()),
    };
    let name = |node: &YamlNode| match &node.value {
        YamlValue::Text(name) if !name.is_empty() => Ok(name.clone()),
        _ => Err(wrong()),
    };
    names.iter().map(name).collect()
}

/// A text in PEM, from one of the two keys that may have it.
fn source(inline: Option<Given<'_>>, file: Option<Given<'_>>) -> Result<Option<PemSource>, WebConfigError> {
    match (inline, file) {
        (Some(inline), Some(_)) => {
            Err(inline.unsupported("and the key of the same name with _file exclude each other: remove one"))
        }
        (Some(inline), None) => Ok(Some(PemSource::Inline(inline.text.to_owned()))),
        (None, Some(file)) => Ok(Some(PemSource::File(file.text.to_owned()))),
        (None, None) => Ok(None),
    }
}

fn clients(
    wanted: Option<Given<'_>>,
    authorities: Option<PemSource>,
    named: Option<Given<'_>>,
    line: usize,
) -> Result<ClientCertificates<PemSource>, WebConfigError> {
    let needed = |authorities: Option<PemSource>| {
        let remedy = "name the file of the authorities that clients' certificates are of";
        let missing = WebConfigError::MissingKey { line, key: format!("{SECTION}client_ca_file"), remedy };
        authorities.ok_or(missing)
    };
    match (wanted.map_or("NoClientCert", |wanted| wanted.text), wanted, named) {
        ("NoClientCert", _, None) => Ok(ClientCertificates::NotAsked),
        ("NoClientCert", _, Some(named)) => Err(named.unsupported(
            "has no effect without client_auth_type: write RequireAndVerifyClientCert or VerifyClientCertIfGiven, or remove it",
        )),
        ("VerifyClientCertIfGiven", ..) => needed(authorities).map(ClientCertificates::IfGiven),
        ("RequireAndVerifyClientCert", ..) => needed(authorities).map(ClientCertificates::Required),
        ("RequestClientCert" | "RequireAnyClientCert" | "RequireClientCert", Some(wanted), _) => {
            Err(wanted.unsupported(
                "asks for certificates that are not verified, which prove nothing: write RequireAndVerifyClientCert, with \
                 client_ca_file",
            ))
        }
        (_, Some(wanted), _) => {
            Err(wanted.wrong("one of NoClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert"))
        }
        (_, None, _) => Ok(ClientCertificates::NotAsked),
    }
}

fn versions(min: Option<Given<'_>>, max: Option<Given<'_>>) -> Result<TlsVersions, WebConfigError> {
    let version = |given: Option<Given<'_>>, usual: u8| match given {
        None => Ok(usual),
        Some(Given { text: "TLS12", .. }) => Ok(12),
        Some(Given { text: "TLS13", .. }) => Ok(13),
        Some(given @ Given { text: "TLS10" | "TLS11", .. }) => {
            Err(given.unsupported("is older than this server speaks: write TLS12 or TLS13"))
        }
        Some(given) => Err(given.wrong("TLS12 or TLS13")),
    };
    match (version(min, 12)?, version(max, 13)?, max) {
        (12, 12, _) => Ok(TlsVersions::Only12),
        (13, 13, _) => Ok(TlsVersions::Only13),
        (13, 12, Some(max)) => Err(max.unsupported("is less than min_version: raise one, or lower the other")),
        _ => Ok(TlsVersions::Both),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::http::web_config::yaml;

    fn of(text: &str) -> Result<Option<TlsSection>, String> {
        let node = yaml::parse(text).unwrap_or_else(|error| panic!("{error}"));
        match &node.value {
            YamlValue::Map(entries) => section(1, entries).map_err(|error| error.to_string()),
            _ => Ok(None),
        }
    }

    fn whole(text: &str) -> TlsSection {
        of(text).unwrap_or_else(|error| panic!("{error}")).expect("it has keys")
    }

    const PAIR: &str = "cert_file: a.crt\nkey_file: a.key\n";

    #[test]
    fn the_usual_forms_are_understood() {
        let plain = whole(PAIR);
        assert_eq!((&plain.chain, &plain.key), (&PemSource::File("a.crt".into()), &PemSource::File("a.key".into())));
        assert_eq!((plain.clients, plain.versions), (ClientCertificates::NotAsked, TlsVersions::Both));
        let ca = || PemSource::File("ca.crt".into());
        for (written, clients) in [
            ("VerifyClientCertIfGiven", ClientCertificates::IfGiven(ca())),
            ("RequireAndVerifyClientCert", ClientCertificates::Required(ca())),
        ] {
            let text = format!("{PAIR}client_auth_type: {written}\nclient_ca_file: ca.crt\nmin_version: TLS13\n");
            assert_eq!((whole(&text).clients, whole(&text).versions), (clients, TlsVersions::Only13));
        }
        let named = "client_auth_type: RequireAndVerifyClientCert\nclient_ca_file: ca.crt\nclient_allowed_sans:\n  - ops.test\n  - 10.0.0.1\n";
        assert_eq!(whole(&format!("{PAIR}{named}")).allowed_names, ["ops.test", "10.0.0.1"]);
        let inline = whole("cert: |\n  x\nkey: |\n  y\nclient_auth_type: \"NoClientCert\"\nmax_version: TLS12\n");
        assert_eq!((inline.key.clone(), inline.versions), (PemSource::Inline("y\n".into()), TlsVersions::Only12));
        assert_eq!(format!("{:?}", inline.key), "Inline", "a key is in no log");
        assert_eq!(of("cert_file:\nkey_file: \"\"\ncipher_suites:\n"), Ok(None), "no key has a value");
    }

    #[test]
    fn each_key_that_is_not_followed_is_refused_by_its_name_with_a_remedy() {
        for (line, said) in [
            (
                "client_auth_type: RequestClientCert",
                "`tls_server_config.client_auth_type` asks for certificates that are not verified",
            ),
            ("client_auth_type: RequireAnyClientCert", "write RequireAndVerifyClientCert, with client_ca_file"),
            ("client_auth_type: RequireClientCert", "write RequireAndVerifyClientCert"),
            ("client_auth_type: Always", "is one of NoClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert"),
            ("client_auth_type: [NoClientCert]", "`tls_server_config.client_auth_type` is a text"),
            ("client_auth_type: VerifyClientCertIfGiven", "`tls_server_config.client_ca_file` is missing"),
            ("client_ca_file: x", "`tls_server_config.client_ca_file` has no effect without client_auth_type"),
            ("client_ca: x", "`tls_server_config.client_ca` has no effect"),
            ("client_allowed_sans: [x]", "`tls_server_config.client_allowed_sans` needs client_auth_type"),
            ("client_allowed_sans: []", "`tls_server_config.client_allowed_sans` is a list of one name or more"),
            ("client_allowed_sans: [[x]]", "`tls_server_config.client_allowed_sans` is a list of one name or more"),
            ("client_allowed_sans: x", "`tls_server_config.client_allowed_sans` is a list of one name or more"),
            ("cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA]", "`tls_server_config.cipher_suites` cannot be chosen"),
            ("prefer_server_cipher_suites: true", "`tls_server_config.prefer_server_cipher_suites` cannot be chosen"),
            ("curve_preferences: [CurveP521]", "`tls_server_config.curve_preferences` cannot be chosen"),
            ("min_version: TLS10", "`tls_server_config.min_version` is older"),
            ("max_version: TLS11", "`tls_server_config.max_version` is older"),
            ("min_version: 1.3", "`tls_server_config.min_version` is TLS12 or TLS13"),
            ("cert: x", "`tls_server_config.cert` and the key of the same name with _file exclude each other"),
            ("min_versoin: TLS12", "did you mean `min_version`?"),
        ] {
            let error = of(&format!("{PAIR}{line}\n")).expect_err(line);
            assert!(error.contains(said), "{line}: {error}");
            let missing = error.contains("client_ca_file` is missing");
            assert!(error.starts_with(if missing { "line 1: " } else { "line 3: " }), "{line}: {error}");
        }
        let error = of(&format!("{PAIR}min_version: TLS13\nmax_version: TLS12\n")).expect_err("no version is left");
        assert!(error.starts_with("line 4: ") && error.contains("is less than min_version"), "{error}");
        for (text, key) in [
            ("key_file: x\n", "cert_file"),
            ("cert_file: x\n", "key_file"),
            ("min_version: TLS13", "cert_file"),
            ("client_allowed_sans: [x]", "cert_file"),
        ] {
            assert!(of(text).expect_err(text).contains(&format!("`tls_server_config.{key}` is missing")), "{text}");
        }
    }
}
