//! Risk: a body that a real client sends is not understood, or a hostile one takes the server down.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use crate::fixtures::caller::{Reply, Served, TENANT};

/// `{"notificationTitle":"t","notificationBody":"b"}` in Brotli.
const BROTLI: [u8; 48] = [
    0x1b, 0x2f, 0x00, 0xf8, 0x9d, 0x09, 0x76, 0x4c, 0xc2, 0x12, 0x13, 0x86, 0x9a, 0xd7, 0x22, 0x64, 0x6f, 0x7b, 0x4b,
    0x8c, 0x2e, 0x59, 0x74, 0xfa, 0x4a, 0x28, 0x0f, 0x36, 0xe0, 0xc0, 0x29, 0x91, 0x2c, 0xc4, 0x05, 0x6f, 0x02, 0x4e,
    0xe8, 0x61, 0x24, 0x73, 0x71, 0x20, 0x9f, 0x98, 0x15, 0x19,
];
const TEXT: &[u8] = b"{\"notificationTitle\":\"t\",\"notificationBody\":\"b\"}";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

fn raw(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

/// Ten thousand million zeros, packed to some ten million bytes by a stream of blocks that are all the same.
fn ten_gigabytes() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let block = vec![0; 1 << 20];
    // A tenth of it, ten times: members of gzip follow each other.
    for _ in 0..1_000 {
        encoder.write_all(&block).expect("a vector takes all");
    }
    encoder.finish().expect("a vector takes all").repeat(10)
}

struct Sender {
    served: Served,
    authorization: String,
    path: String,
}

impl Sender {
    fn start(name: &str) -> Self {
        let served = Served::start(name, Some(TENANT), &["--control-token", "a-token-for-tests-only"]);
        let admin = served.account("administrator");
        let phone = served.id(&admin, "deviceManagement/managedDevices", "deviceName", "ann-phone");
        let path = format!("/beta/deviceManagement/managedDevices/{phone}/sendCustomNotificationToCompanyPortal");
        Self { served, authorization: format!("Bearer {admin}"), path }
    }

    fn send(&self, coding: &str, body: &[u8]) -> Reply {
        let headers = [
            ("Authorization", self.authorization.as_str()),
            ("Content-Type", "application/json"),
            ("Content-Encoding", coding),
        ];
        self.served.send("POST", &self.path, &headers, body)
    }

    fn control(&self) -> String {
        let said = self.served.running.said();
        said.split("control at http://")
            .nth(1)
            .and_then(|rest| rest.split('/').next())
            .expect("it says where")
            .to_owned()
    }
}

#[test]
fn a_notification_is_sent_in_every_coding() {
    let sender = Sender::start("bodies_codings");
    for (coding, body) in [
        ("gzip", gzip(TEXT)),
        ("x-gzip", gzip(TEXT)),
        ("deflate", zlib(TEXT)),
        ("deflate", raw(TEXT)),
        ("br", BROTLI.to_vec()),
        ("identity", TEXT.to_vec()),
        ("GZIP", gzip(TEXT)),
        ("identity, gzip", gzip(TEXT)),
    ] {
        sender.send(coding, &body).is(204);
    }
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}\
         &scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
        sender.served.client, sender.served.secret
    );
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Encoding", "gzip")];
    let reply = sender.served.send("POST", "/small/oauth2/v2.0/token", &headers, &gzip(form.as_bytes())).is(200);
    assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
    let headers = [
        ("Authorization", "Bearer a-token-for-tests-only"),
        ("Content-Type", "application/json"),
        ("Content-Encoding", "br"),
    ];
    let ask = |coding: &'static str, body: &[u8]| {
        let headers = [headers[0], headers[1], ("Content-Encoding", coding)];
        let request = crate::fixtures::caller::request("localhost", "POST", "/_reveille/clock/advance", &headers, body);
        crate::fixtures::caller::parsed(&crate::fixtures::caller::answer(&sender.control(), &request))
    };
    ask("deflate", &zlib(b"{\"by\":\"1m\"}")).is(200);
    let reply = ask("zstd", b"{}").is(415);
    assert!(reply.text.contains("gzip, deflate, br") && reply.text.contains("zstd"), "{}", reply.text);
    ask("gzip", b"{}").is(400);
}

#[test]
fn what_is_not_coded_as_it_says_is_refused_in_order() {
    let sender = Sender::start("bodies_wrong");
    for (coding, body) in [
        ("gzip", TEXT.to_vec()),
        ("gzip", zlib(TEXT)),
        ("gzip", gzip(TEXT)[..20].to_vec()),
        ("gzip", [gzip(TEXT), b"x".to_vec()].concat()),
        ("deflate", gzip(TEXT)),
        ("deflate", zlib(TEXT)[..20].to_vec()),
        ("deflate", b"\x78\x9c".to_vec()),
        ("deflate", TEXT.to_vec()),
        ("br", BROTLI[..10].to_vec()),
        ("br", gzip(TEXT)),
        ("br", b"\xff\xff\xff\xff\xff".to_vec()),
        ("gzip", gzip(&gzip(TEXT))),
    ] {
        assert_eq!(sender.send(coding, &body).is(400).code(), "BadRequest", "{coding} {body:?}");
    }
    for coding in ["zstd", "compress", "gzip, gzip", "br,gzip", "aes128gcm", "*", "gzip;q=1"] {
        let reply = sender.send(coding, &gzip(TEXT)).is(415);
        assert_eq!(reply.code(), "UnsupportedMediaType");
        assert_eq!(reply.header("accept-encoding"), Some("gzip, deflate, br, identity"));
        assert!(reply.text.contains("gzip, deflate, br"), "{}", reply.text);
    }
    sender.send("gzip", &gzip(TEXT)).is(204);
}

#[test]
fn a_body_that_grows_without_end_takes_no_memory() {
    const GROWTH_MAX: u64 = 48 << 20;
    let sender = Sender::start("bodies_bomb");
    let large = ten_gigabytes();
    let zeros = vec![0; 64 << 20];
    let inner = gzip(&gzip(&zeros));
    // Within the limit as received, and a thousand times as much when decoded.
    let dense = gzip(&vec![0; 512 << 20]);
    assert!(large.len() > 4 << 20 && dense.len() < 1 << 20);
    sender.send("gzip", &gzip(TEXT)).is(204);
    #[cfg(target_os = "linux")]
    let before = sender.served.running.resident_bytes();
    for _ in 0..20 {
        assert_eq!(sender.send("gzip", &dense).is(413).code(), "RequestEntityTooLarge");
        sender.send("deflate", &zlib(&zeros)).is(413);
        sender.send("gzip", &inner).is(400);
        let status = sender.send("gzip", &large[..2 << 20]).status;
        assert_eq!(status, 413);
    }
    sender.send("gzip", &large).is(413);
    #[cfg(target_os = "linux")]
    {
        let after = sender.served.running.resident_bytes();
        assert!(after < before + GROWTH_MAX, "{before} bytes before, {after} after");
    }
    sender.send("gzip", &gzip(TEXT)).is(204);
}

#[test]
fn a_query_that_is_no_utf8_is_refused_everywhere() {
    let sender = Sender::start("bodies_query");
    let admin = sender.authorization.strip_prefix("Bearer ").expect("it begins so").to_owned();
    for query in ["$filter=displayName%20eq%20'%C3'", "%FF=1", "$top=1&x=%80"] {
        let reply = sender.served.get(&admin, &format!("/v1.0/users?{query}")).is(400);
        assert!(reply.text.contains("UTF-8"), "{}", reply.text);
    }
    sender.served.get(&admin, "/v1.0/users?$filter=displayName%20eq%20'%C3%A9'").is(200);
    let batch = serde_json::json!({ "requests": [
        { "id": "1", "method": "GET", "url": "/users?$filter=displayName%20eq%20'%C3'" },
        { "id": "2", "method": "GET", "url": "/users?$top=1" },
    ] });
    let answers = sender.served.post(&admin, "/v1.0/$batch", &batch).is(200).json();
    assert_eq!((&answers["responses"][0]["status"], &answers["responses"][1]["status"]), (&400.into(), &200.into()));
    let headers = [("Authorization", "Bearer a-token-for-tests-only")];
    let ask = |path: &str| {
        let request = crate::fixtures::caller::request("localhost", "GET", path, &headers, b"");
        crate::fixtures::caller::parsed(&crate::fixtures::caller::answer(&sender.control(), &request))
    };
    for path in ["/_reveille/messages?tenant=%FF", "/_reveille/clock?%C3", "/_reveille/ready?x=%80"] {
        assert!(ask(path).is(400).text.contains("UTF-8"));
    }
    ask("/_reveille/clock").is(200);
}
