//! Risk: a script that names Microsoft's hosts reaches them, or another host that it should not, instead of this
//! server.

use std::process::Command;

use serde_json::Value;

use crate::fixtures::caller::{Reply, Served, TENANT, answer, parsed};
use crate::fixtures::program::{Folder, Said, end_of};

/// A server that answers for Microsoft's hosts, and its proxy.
struct Intercepting {
    served: Served,
    proxy: String,
}

impl Intercepting {
    fn start(name: &str, more: &[&str]) -> Self {
        let all = [&["--intercept", "127.0.0.1:0"], more].concat();
        let served = Served::start(name, Some(TENANT), &all);
        let said = served.running.said();
        let line = said.lines().find(|line| line.starts_with("intercepting ")).unwrap_or_else(|| panic!("{said}"));
        let proxy = line.split("http://").nth(1).expect("it says where").to_owned();
        Self { served, proxy }
    }

    /// The output of `curl` through the proxy, trusting the local CA.
    fn curl(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--proxy", &format!("http://{}", self.proxy)]);
        command.args(["--cacert", "state/tls-ca.pem"]).args(arguments).current_dir(self.served.folder.path());
        end_of(command.env_remove("NO_PROXY").env_remove("no_proxy"))
    }

    /// The answer to a request with exactly this first line.
    fn asked(&self, line: &str) -> Reply {
        parsed(&answer(&self.proxy, format!("{line}\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()))
    }
}

#[test]
fn graph_and_its_tokens_are_reached_by_their_own_names() {
    let here = Intercepting::start("intercept_names", &[]);
    let admin = here.served.account("administrator");
    let bearer = format!("Authorization: Bearer {admin}");
    let page = here.curl(&["-H", &bearer, "https://graph.microsoft.com/v1.0/users?$top=1"]).exits(0).json();
    let next = page["@odata.nextLink"].as_str().expect("there are more").to_owned();
    assert!(next.starts_with("https://graph.microsoft.com/v1.0/users?"), "{next}");
    assert!(
        page["@odata.context"].as_str().expect("a context").starts_with("https://graph.microsoft.com/v1.0/$metadata")
    );
    let second = here.curl(&["-H", &bearer, &next]).exits(0).json();
    assert_eq!(second["value"].as_array().map(Vec::len), Some(1));
    for host in ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"] {
        let url = format!("https://{host}/small/v2.0/.well-known/openid-configuration");
        let document: Value = here.curl(&[&url]).exits(0).json();
        for key in ["token_endpoint", "jwks_uri"] {
            assert!(document[key].as_str().expect(key).starts_with(&format!("https://{host}/")), "{document}");
        }
    }
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}\
         &scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
        here.served.client, here.served.secret
    );
    let token = here.curl(&["-d", &form, "https://login.microsoftonline.com/small/oauth2/v2.0/token"]).exits(0).json();
    assert!(token["access_token"].is_string(), "{token}");
    // Capital letters and the final dot of an absolute name mean the same host.
    here.curl(&["-H", &bearer, "https://GRAPH.microsoft.com/v1.0/users"]).exits(0);
    here.curl(&["-H", &bearer, "https://graph.microsoft.com.:443/v1.0/users"]);
    assert_eq!(here.asked("CONNECT graph.microsoft.com.:443 HTTP/1.1").status, 200);
}

#[test]
fn a_hosts_entry_leads_here_by_the_same_names() {
    let served = Served::start("intercept_hosts", Some(TENANT), &["--tls-listen", "127.0.0.1:0"]);
    let said = served.running.said();
    let port =
        said.split("Graph at https://localhost:").nth(1).and_then(|rest| rest.split('/').next()).expect("a port");
    let bearer = format!("Authorization: Bearer {}", served.account("administrator"));
    for (host, path, link) in [
        ("graph.microsoft.com", "/v1.0/users?$top=1", "@odata.nextLink"),
        ("login.microsoftonline.com", "/small/v2.0/.well-known/openid-configuration", "token_endpoint"),
    ] {
        // The effect of a hosts entry and port 443, without the privileges for either.
        let led = format!("{host}:443:127.0.0.1:{port}");
        let url = format!("https://{host}{path}");
        let mut command = Command::new("curl");
        command.args([
            "--silent",
            "--show-error",
            "--noproxy",
            "*",
            "--cacert",
            "state/tls-ca.pem",
            "--connect-to",
            &led,
        ]);
        command.args(["-H", &bearer, &url]).current_dir(served.folder.path());
        let page = end_of(&mut command).exits(0).json();
        let leads = page[link].as_str().expect("there is a link");
        assert!(leads.starts_with(&format!("https://{host}/")), "{leads}");
    }
}

#[test]
fn every_other_host_port_and_request_is_refused_with_a_remedy() {
    let here = Intercepting::start("intercept_others", &[]);
    for (line, status, words) in [
        ("CONNECT example.org:443 HTTP/1.1", 403, "--intercept-others tunnel"),
        ("CONNECT graph.microsoft.us:443 HTTP/1.1", 403, "NO_PROXY"),
        ("CONNECT graph.microsoft.com.example.org:443 HTTP/1.1", 403, "NO_PROXY"),
        ("CONNECT 20.190.151.7:443 HTTP/1.1", 403, "NO_PROXY"),
        ("CONNECT [::1]:443 HTTP/1.1", 403, "NO_PROXY"),
        ("CONNECT localhost:443 HTTP/1.1", 403, "NO_PROXY"),
        ("CONNECT graph.microsoft.com:80 HTTP/1.1", 403, "port 443"),
        ("CONNECT graph.microsoft.com:8443 HTTP/1.1", 403, "port 443"),
        ("CONNECT user@graph.microsoft.com:443 HTTP/1.1", 400, "host and a port"),
        ("CONNECT graph.microsoft.com HTTP/1.1", 400, "host and a port"),
        ("GET http://graph.microsoft.com/v1.0/users HTTP/1.1", 405, "HTTPS_PROXY"),
        ("GET https://graph.microsoft.com/v1.0/users HTTP/1.1", 405, "HTTPS_PROXY"),
        ("GET / HTTP/1.1", 405, "HTTPS_PROXY"),
        ("POST http://example.org/ HTTP/1.1", 405, "HTTPS_PROXY"),
    ] {
        let reply = here.asked(line);
        assert_eq!(reply.status, status, "{line}: {reply:?}");
        assert!(reply.text.contains(words), "{line}: {reply:?}");
    }
    for line in ["CONNECT / HTTP/1.1", "CONNECT :443 HTTP/1.1", "CONNECT graph.microsoft.com:99999 HTTP/1.1", "CONNECT"]
    {
        let text = String::from_utf8_lossy(&answer(&here.proxy, format!("{line}\r\n\r\n").as_bytes())).into_owned();
        assert!(text.is_empty() || text.starts_with("HTTP/1.1 4"), "{line}: {text}");
    }
    // Neither TLS to the proxy itself nor noise within a tunnel does any harm.
    let noise = b"CONNECT graph.microsoft.com:443 HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n\r\n";
    let said = String::from_utf8_lossy(&answer(&here.proxy, noise)).into_owned();
    assert!(said.starts_with("HTTP/1.1 200 OK\r\n") && !said.contains("request-id"), "{said}");
    answer(&here.proxy, b"\x16\x03\x01\x00\x05hello");
    let said = here.curl(&["https://example.org/"]);
    assert!(said.err.contains("403"), "{}", said.err);
    let admin = here.served.account("administrator");
    here.curl(&["--fail", "-H", &format!("Authorization: Bearer {admin}"), "https://graph.microsoft.com/v1.0/users"])
        .exits(0);
}

#[test]
fn a_tunnel_leads_neither_to_this_machine_nor_back_into_the_proxy() {
    let here = Intercepting::start("intercept_loop", &["--intercept-others", "tunnel"]);
    let port = here.proxy.rsplit(':').next().expect("a port");
    let own = here.served.address.rsplit(':').next().expect("a port");
    for port in [port, own] {
        let reply = here.asked(&format!("CONNECT localhost:{port} HTTP/1.1"));
        assert_eq!(reply.status, 502, "{reply:?}");
        assert!(reply.text.contains("this machine"), "{reply:?}");
    }
    let name = end_of(Command::new("hostname").args(["-s"])).out;
    let reply = here.asked(&format!("CONNECT {}:{port} HTTP/1.1", name.trim()));
    assert_eq!(reply.status, 502, "this machine by its own name: {reply:?}");
    for address in ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "20.190.151.7"] {
        let reply = here.asked(&format!("CONNECT {address}:{port} HTTP/1.1"));
        assert_eq!(reply.status, 403, "{address}: {reply:?}");
        assert!(reply.text.contains("by their names only"), "{reply:?}");
    }
    let reply = here.asked("CONNECT no-such-host.invalid:443 HTTP/1.1");
    assert_eq!(reply.status, 502, "{reply:?}");
    assert_eq!(
        here.asked("CONNECT graph.microsoft.com:80 HTTP/1.1").status,
        403,
        "it is not let through to the real one"
    );
}

#[test]
fn a_proxy_for_others_has_to_be_asked_for_by_name() {
    let folder = Folder::new("intercept_open");
    let start = |more: &[&str]| folder.run(&[&["serve", "--state", "state"], more].concat()).exits(2).err;
    let said = start(&["--intercept", ":0"]);
    assert!(said.contains("--plain-http") && said.contains("0.0.0.0"), "{said}");
    let said = start(&["--intercept", "0.0.0.0:0", "--plain-http", "--intercept-others", "tunnel"]);
    assert!(said.contains("open proxy"), "{said}");
    let said = start(&["--intercept-others", "tunnel"]);
    assert!(said.contains("--intercept"), "{said}");
}

#[cfg(unix)]
#[test]
fn the_server_stops_while_a_tunnel_is_open() {
    use std::io::{Read as _, Write as _};
    let here = Intercepting::start("intercept_stop", &[]);
    let mut idle = std::net::TcpStream::connect(&here.proxy).expect("it listens");
    let mut open = std::net::TcpStream::connect(&here.proxy).expect("it listens");
    open.write_all(b"CONNECT graph.microsoft.com:443 HTTP/1.1\r\nHost: x\r\n\r\n").expect("it is taken");
    let mut head = [0; 15];
    open.read_exact(&mut head).expect("it answers");
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    idle.write_all(b"CONN").expect("it is taken");
    here.served.running.interrupt();
    here.served.running.end().exits(0);
}
