//! Risk: the page for people is broken in a browser, makes a request, or treats a name as mark-up.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

use crate::fixtures::program::{Folder, end_of};

/// Names that would be mark-up if not escaped, in every place for a name; all plots have data.
const HOSTILE: &str = r#"
schema = 1
name = "</title><script>alert('scenario')</script>"
seed = 7
duration = "2h"
[live]
speed = "max"
[fleet]
users = 400
[[fleet.cohort]]
name = "\"><img src=x onerror=alert(1)>"
share = 0.6
platform = "ios"
[[fleet.cohort]]
name = "' onload='alert(1)"
share = 0.4
platform = "android"
[[send]]
name = "<script>alert('send')</script>"
schedule = { from = "5m", every = "1m", count = 30 }
to = { groups = ["All users"] }
title = "t"
body = "b"
[[fault]]
name = "</svg><script>alert('fault')</script>"
kind = "loss"
rate = 0.2
at = "10m"
for = "10m"
[[fault]]
name = "\"' &amp; <b>idle</b>"
kind = "outage"
mode = "hold"
at = "100m"
for = "10m"
may_touch_nothing = true
[[expect]]
name = "<iframe src=https://example.com></iframe>"
metric = "reach"
within = "1h"
check = "== 1"
"#;

/// Headings in the order in which people read them.
const SECTIONS: [&str; 8] =
    ["Reach", "Why not", "Messages", "Audience", "What each fault cost", "Expectations", "Quota", "Replay"];

/// The report as a page.
fn page(folder: &Folder) -> String {
    folder.write("hostile.toml", HOSTILE);
    folder.run(&["run", "hostile.toml", "--report", "out.html", "--report", "out.json"]).exits(99);
    folder.read("out.html")
}

/// The page as a browser sees it.
struct Seen {
    /// The document after all scripts would have run.
    dom: String,
    /// The messages on its console.
    console: Vec<String>,
    /// The requests it made.
    requests: Vec<String>,
}

/// Answers one request with the page, and any other one with nothing.
fn answer(mut stream: TcpStream, page: &str, requests: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let Some(first) = lines.next().transpose()? else { return Ok(()) };
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, body) = if path == "/out.html" { ("200 OK", page) } else { ("404 Not Found", "") };
    requests.lock().expect("no holder panics").push(path);
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

/// Opens a page in Chromium, from a server that sees every request.
fn open(folder: &Folder, page: &str) -> Seen {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    let requests = Arc::new(Mutex::new(Vec::new()));
    let (served, seen) = (page.to_owned(), Arc::clone(&requests));
    // It ends with the test's process.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that closes the connection early has made no request.
            let _ = answer(stream, &served, &seen);
        }
    });
    let mut command = Command::new("chromium");
    command
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0", "--dump-dom"])
        .args(["--no-first-run", "--disable-background-networking", "--disable-component-update"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("http://{address}/out.html"));
    assert!(
        Command::new("chromium").arg("--version").output().is_ok(),
        "chromium is missing. Remedy: install it (Debian: apt-get install chromium), or let tests/all do it"
    );
    let said = end_of(&mut command).exits(0);
    let console = said.err.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect();
    let requests = requests.lock().expect("no holder panics").clone();
    Seen { dom: said.out, console, requests }
}

#[test]
fn opens_in_a_browser_without_requests_or_console_messages() {
    let folder = Folder::new("html");
    let page = page(&folder);
    let seen = open(&folder, &page);
    assert_eq!(seen.console, [""; 0]);
    assert_eq!(seen.requests, ["/out.html"]);
    assert!(
        !seen.dom.contains("<script") && !seen.dom.contains("<iframe") && !seen.dom.contains("<img"),
        "{}",
        seen.dom
    );
    for name in ["&lt;script&gt;alert('scenario')&lt;/script&gt;", "&lt;/svg&gt;&lt;script&gt;alert('fault')"] {
        // A browser writes text as it parsed it; words may have a break opportunity after a slash.
        assert!(seen.dom.replace("<wbr>", "").contains(name), "{name}\n{}", seen.dom);
    }
    let places = SECTIONS.map(|title| {
        seen.dom.find(&format!(">{title}</h2>")).unwrap_or_else(|| panic!("no section {title}\n{}", seen.dom))
    });
    assert!(places.is_sorted(), "sections are in the order of every report for people: {places:?}");
    for (plot, words) in [
        ("the curve of reach", "aria-label=\"Share of pairs shown against time"),
        ("latency", "aria-label=\"Distribution of the time from acceptance"),
        ("stations over time", "aria-label=\"Pairs by station over model time"),
        ("quota", "aria-label=\"Slots of the tenant's quota in use: at most 25 of 25; 5 attempts refused"),
    ] {
        let places: Vec<usize> = seen.dom.match_indices(words).map(|(at, _)| at).collect();
        assert_eq!(places.len(), 2, "{plot} stands there for wide and for narrow pages");
        for at in places {
            let drawn = seen.dom[at..].split("</svg>").next().expect("a plot ends");
            assert!(drawn.matches("<text").count() >= 5 && drawn.contains("<polyline"), "{plot} is drawn: {drawn}");
        }
    }
}

#[test]
fn a_forbidden_request_or_script_would_be_noticed() {
    let folder = Folder::new("html-control");
    let page = page(&folder);
    let wrong = |inside: &str| page.replace("</main>", &format!("{inside}</main>"));
    let scripted = open(&folder, &wrong("<script>document.title = 'it ran'</script>"));
    assert!(!scripted.console.is_empty() && !scripted.dom.contains("<title>it ran"), "its policy forbids scripts");
    let imaged = open(&folder, &wrong("<img src='/pixel.png'>"));
    assert!(!imaged.console.is_empty(), "and images");
    assert_eq!(imaged.requests, ["/out.html"]);
    let (before, rest) = page.split_once("<meta http-equiv").expect("a page has its policy");
    let without = format!("{before}<meta data-was{rest}").replace("</main>", "<img src='/pixel.png'></main>");
    assert_eq!(
        open(&folder, &without).requests,
        ["/out.html", "/pixel.png"],
        "without it the request is made, and seen"
    );
}

#[test]
fn is_self_contained_and_has_no_foreign_address() {
    let folder = Folder::new("html-alone");
    let page = page(&folder);
    // The icon contains the name of its XML namespace, which is not a request.
    let ours = page.replace("xmlns='http:", "");
    for word in [" src=\"", "@import", "url(", "stylesheet", "http:"] {
        assert!(!ours.contains(word), "`{word}` stands in the page");
    }
    assert!(page.contains("default-src 'none'"));
    // Its figures equal those of the record.
    let report = folder.json("out.json");
    let shown = report["stations"]["overall"]["shown"].as_u64().expect("a count");
    assert!(page.contains(&format!("<td class=\"right\">{}</td>", reveille::outcome::words::count(shown))), "{shown}");
    let replay = report["replay"].as_str().expect("a command");
    assert!(page.contains(&format!("<pre><code>{replay}</code></pre>")), "{replay}");
}

#[test]
fn a_run_of_nothing_has_a_page_too() {
    let folder = Folder::new("html-nothing");
    folder.write("nothing.toml", "schema = 1\nname = \"nothing\"\nduration = \"1m\"\n[fleet]\nusers = 1\n");
    folder.run(&["forecast", "nothing.toml", "--report", "out.html"]).exits(0);
    let page = folder.read("out.html");
    assert!(page.contains("PASSED") && page.contains("No message has an audience"), "{page}");
}
