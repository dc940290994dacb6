//! Risk: what is written after the format of Prometheus is not what Prometheus, `promtool`, `htpasswd` and curl mean by
//! it. The programs themselves are asked, with the examples of the documentation.
#![cfg(unix)]

use std::process::Command;

use super::authority::{authority, client, curl, server, status};
use super::secured::private;
use crate::fixtures::caller::TENANT;
use crate::fixtures::program::{Folder, end_of, look};
use crate::monitoring::prometheus::server::{Server, free_port, now, tool};

const SERVE_PAGE: &str = include_str!("../../../docs/serve.md");
const DASHBOARDS_PAGE: &str = include_str!("../../../docs/dashboards.md");
/// The password behind the hash of the documentation.
const PASSWORD: &str = "correct horse battery staple";

/// The example in YAML of a page that begins with these words.
fn example(page: &'static str, beginning: &str) -> &'static str {
    let mut blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.find(|block| block.starts_with(beginning)).unwrap_or_else(|| panic!("no example begins with {beginning}"))
}

/// A folder with the web configuration of the documentation, and every file that it and the scrape's name.
fn documented(name: &str) -> Folder {
    let folder = Folder::new(name);
    private(&folder, "web.yml", example(SERVE_PAGE, "tls_server_config:"));
    for name in ["ca", "clients"] {
        authority(&folder, name);
    }
    server(&folder, "ca", "metrics");
    client(&folder, "clients", "prometheus", "/CN=prometheus");
    private(&folder, "prometheus.password", PASSWORD);
    folder
}

/// A hash that `htpasswd` makes.
fn htpasswd(folder: &Folder, cost: &str, password: &str) -> String {
    let mut command = Command::new("htpasswd");
    command.args(["-nbBC", cost, "x", password]).current_dir(folder.path());
    let said = command.output().unwrap_or_else(|error| {
        panic!(
            "`htpasswd` does not start ({error}). Remedy: run tests/all once, which installs it (Debian: apache2-utils)"
        )
    });
    let line = String::from_utf8(said.stdout).expect("it is text");
    line.trim().strip_prefix("x:").unwrap_or_else(|| panic!("{line}")).to_owned()
}

#[test]
fn promtool_takes_the_documented_files() {
    let folder = documented("security_web_promtool");
    let check = |kind: &str, file: &str| {
        end_of(Command::new(tool("promtool")).args(["check", kind, file]).current_dir(folder.path())).exits(0)
    };
    check("web-config", "web.yml");
    folder.write("prometheus.yml", example(DASHBOARDS_PAGE, "scrape_configs:"));
    check("config", "prometheus.yml");
}

#[test]
fn prometheus_scrapes_with_tls_a_client_certificate_and_a_password() {
    let folder = documented("security_web_scraped");
    folder.write("scenario.toml", TENANT);
    let target = format!("127.0.0.1:{}", free_port());
    let web = ["--metrics-listen", &target, "--metrics-web-config", "web.yml"];
    let fixed = ["serve", "--state", "state", "--listen", "127.0.0.1:0", "--scenario", "scenario.toml"];
    let mut running = folder.start(&[&fixed[..], &web].concat());
    running.wait_for(&format!("metrics at https://{target}/metrics"));
    running.wait_for("Graph at http://");
    let documented = example(DASHBOARDS_PAGE, "scrape_configs:").replace("127.0.0.1:9656", &target);
    let jobs = documented.strip_prefix("scrape_configs:\n").expect("it begins so");
    let without = |name: &str, from: &str, to: &str| {
        let job = jobs.replace("job_name: reveille", &format!("job_name: {name}"));
        assert!(job.contains(from), "the example has `{from}`: {job}");
        job.replace(from, to)
    };
    private(&folder, "wrong.password", "another one");
    let all = [
        without("reveille", "", ""),
        without("no-certificate", "      cert_file: prometheus.crt\n      key_file: prometheus.key\n", ""),
        without("no-password", "      password_file: prometheus.password\n", ""),
        without("wrong-password", "prometheus.password", "wrong.password"),
        without("no-tls", "scheme: https", "scheme: http"),
    ];
    let configuration = format!("global: {{ scrape_interval: 250ms }}\nscrape_configs:\n{}", all.concat());
    let server = Server::start(&folder, &configuration, &[]);
    let up =
        |job: &str| server.instant(&format!("up{{job=\"{job}\"}}"), now()).first().map(|found| found.values[0] > 0.0);
    look("a scrape", || up("reveille").filter(|is_up| *is_up));
    assert!(!server.instant("reveille_build_info{job=\"reveille\"}", now()).is_empty());
    for refused in ["no-certificate", "no-password", "wrong-password", "no-tls"] {
        assert!(!look(refused, || up(refused)), "{refused}");
    }
    let targets = server.api("/api/v1/targets").to_string();
    assert!(targets.contains("401 Unauthorized"), "{targets}");
    // A scrape with a right password does not cost a slow hash each time.
    look("more scrapes", || server.instant("count_over_time(up{job=\"reveille\"}[1m]) > 8", now()).first().map(|_| ()));
    let slow = server.instant("max_over_time(scrape_duration_seconds{job=\"reveille\"}[1m])", now());
    assert_eq!(slow.len(), 1);
}

#[test]
fn hashes_of_htpasswd_are_taken_and_curl_is_admitted_by_them() {
    let folder = documented("security_web_htpasswd");
    let long = "x".repeat(80);
    let words = ["secret", "p\u{e4}ss:w\u{f6}rd", long.as_str()];
    let lines: Vec<String> = words
        .iter()
        .zip(["10", "11", "10"])
        .enumerate()
        .map(|(at, (word, cost))| format!("  u{at}: {}\n", htpasswd(&folder, cost, word)))
        .collect();
    let tls = "tls_server_config: { cert_file: metrics.crt, key_file: metrics.key }\n";
    private(&folder, "users.yml", &format!("{tls}basic_auth_users:\n{}", lines.concat()));
    let mut running = folder.start(&["run", "example:app-removed", "--hold", "--metrics-web-config", "users.yml"]);
    let line = running.wait_for("metrics stay at https://");
    let url = line.split(' ').find(|word| word.starts_with("https://")).expect("it says where").to_owned();
    let asks = |user: &str| status(&folder, &["--cacert", "ca.crt", "--user", user, &url]);
    for (at, word) in words.iter().enumerate() {
        assert_eq!(asks(&format!("u{at}:{word}")), Ok(200), "{word}");
        assert_eq!(
            asks(&format!("u{at}:{word}x")),
            Ok(if word.len() > 72 { 200 } else { 401 }),
            "bcrypt takes 72 bytes"
        );
    }
    assert_eq!(asks("u0:Secret"), Ok(401));
    running.interrupt();
    running.end();
}

#[test]
fn the_documented_password_is_the_one_behind_the_documented_hash() {
    let folder = documented("security_web_documented");
    let mut running = folder.start(&["run", "example:app-removed", "--hold", "--metrics-web-config", "web.yml"]);
    let line = running.wait_for("metrics stay at https://");
    let url = line.split(' ').find(|word| word.starts_with("https://")).expect("it says where").to_owned();
    let own = ["--cacert", "ca.crt", "--cert", "prometheus.crt", "--key", "prometheus.key"];
    let user = format!("prometheus:{PASSWORD}");
    let (code, page) = curl(&folder, &[&own[..], &["--user", &user, &url]].concat()).expect("it answers");
    assert!(code == 200 && page.contains("reveille_build_info"), "{page}");
    assert_eq!(status(&folder, &[&own[..], &[&url]].concat()), Ok(401));
    running.interrupt();
    running.end();
}
