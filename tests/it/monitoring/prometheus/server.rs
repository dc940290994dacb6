//! A real Prometheus with the shipped configuration, and its answers. Must not know any metric.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::fixtures::program::{Folder, look};

/// How often a free port may be taken by another process before it is used.
const PORTS_MAX: usize = 5;

/// A program of Prometheus, from the place where `tests/all` puts it, or where it is installed.
pub(crate) fn tool(name: &str) -> PathBuf {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin").join(name);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = std::env::split_paths(&path).map(|folder| folder.join(name));
    std::iter::once(ours).chain(installed).find(|file| file.is_file()).unwrap_or_else(|| {
        panic!("`{name}` is missing. Remedy: run tests/all once, which gets it, or install Prometheus 2.42 or later")
    })
}

/// Seconds since 1970.
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970").as_secs_f64()
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    listener.local_addr().expect("it has an address").port()
}

/// One series of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) labels: BTreeMap<String, String>,
    /// The values, all of which must be numbers.
    pub(crate) values: Vec<f64>,
}

/// A Prometheus server; it is killed at the end of its test.
pub(crate) struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Starts one over the data in `folder`, with this configuration.
    pub(crate) fn start(folder: &Folder, configuration: &str, more: &[&str]) -> Self {
        folder.write("prometheus.yml", configuration);
        for _ in 0..PORTS_MAX {
            let address = format!("127.0.0.1:{}", free_port());
            let log = File::create(folder.path().join("prometheus.log")).expect("a file can be made");
            let child = Command::new(tool("prometheus"))
                .current_dir(folder.path())
                .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=warn"])
                .arg(format!("--web.listen-address={address}"))
                .args(more)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log)
                .spawn()
                .expect("prometheus starts");
            let mut server = Self { child, address };
            let is_ready = look("prometheus is ready", || {
                let is_ready = server.try_get("/-/ready").is_some();
                let has_ended = server.child.try_wait().expect("it can be asked").is_some();
                (is_ready || has_ended).then_some(is_ready)
            });
            if is_ready {
                return server;
            }
        }
        panic!("prometheus does not start:\n{}", folder.read("prometheus.log"));
    }

    /// A server from a command that listens on this address.
    pub(crate) fn over(mut command: Command, address: &str) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.spawn().expect("the command starts");
        let mut server = Self { child, address: address.to_owned() };
        look("prometheus is ready", || {
            let ended = server.child.try_wait().expect("it can be asked");
            assert!(ended.is_none(), "the command ended: {ended:?}");
            server.try_get("/-/ready").map(|_| ())
        });
        server
    }

    /// The body, if it answers with 200.
    fn try_get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        // HTTP/1.0 has no chunked answers.
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", self.address).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        head.split(' ').nth(1).is_some_and(|status| status == "200").then(|| body.to_owned())
    }

    /// The data of an answer of its API.
    #[track_caller]
    pub(crate) fn api(&self, path: &str) -> Value {
        let body = self.try_get(path).unwrap_or_else(|| panic!("{path} is not answered"));
        let mut answer: Value = serde_json::from_str(&body).expect("the API speaks JSON");
        answer["data"].take()
    }

    /// A query at one moment.
    #[track_caller]
    pub(crate) fn instant(&self, expr: &str, at: f64) -> Vec<Series> {
        self.series(&format!("/api/v1/query?query={}&time={at:.3}", escaped(expr)))
    }

    /// A query over a range.
    #[track_caller]
    pub(crate) fn range(&self, expr: &str, (from, to): (f64, f64), step_s: f64) -> Vec<Series> {
        let query = escaped(expr);
        self.series(&format!("/api/v1/query_range?query={query}&start={from:.3}&end={to:.3}&step={step_s:.3}"))
    }

    #[track_caller]
    fn series(&self, path: &str) -> Vec<Series> {
        let data = self.api(path);
        let found = data["result"].as_array().unwrap_or_else(|| panic!("{path}: {data}"));
        found.iter().map(series).filter(|series| !series.values.is_empty()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn series(json: &Value) -> Series {
    let labels = json["metric"].as_object().expect("a series has labels").iter();
    let labels = labels.map(|(label, value)| (label.clone(), value.as_str().unwrap_or("").to_owned())).collect();
    let one = std::slice::from_ref(&json["value"]);
    let values = json["values"].as_array().map_or(one, Vec::as_slice);
    let number = |value: &Value| value[1].as_str().and_then(|text| text.parse::<f64>().ok());
    Series { labels, values: values.iter().filter_map(number).filter(|value| value.is_finite()).collect() }
}

/// A query, encoded for a URL.
pub(crate) fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => (byte as char).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// The shipped configuration, for this target and with a scrape every quarter of a second.
pub(crate) fn shipped(target: &str) -> String {
    let path = crate::monitoring::dashboards::board::config("prometheus");
    let text = fs::read_to_string(path.join("prometheus.yml")).expect("we ship a configuration");
    let rules = path.join("rules").display().to_string();
    let mut paced = text;
    for (from, to) in
        [(": 1s", ": 250ms"), ("127.0.0.1:9656\"", &format!("{target}\"")), ("- rules/", &format!("- {rules}/"))]
    {
        assert!(paced.contains(from), "prometheus.yml has `{from}`");
        paced = paced.replace(from, to);
    }
    paced
}
