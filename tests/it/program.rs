//! Runs the built program as a user would: arguments in; exit code, standard output and standard error out. Must not
//! judge results.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// Looks at an expected state before a test gives up.
const LOOKS_MAX: usize = 1_000;
/// The time between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// The output of a program.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// Panics with the whole output if the exit code is another one.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "standard output:\n{}\nstandard error:\n{}", self.out, self.err);
        self
    }

    /// Standard output, which must be JSON alone and match its schema.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let value =
            serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in standard output:\n{}", self.out));
        crate::schemas::check(&value);
        value
    }
}

/// The program, not yet started, with none of its environment variables set.
pub(crate) fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reveille"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    let told = std::env::vars_os().map(|(name, _)| name);
    for name in told.filter(|name| name == "NO_COLOR" || name.to_string_lossy().starts_with("REVEILLE_")) {
        command.env_remove(name);
    }
    if std::env::var_os("STOPS").is_none() {
        // A test machine may be busy, so the deadline must not end what would end by itself.
        command.env("REVEILLE_STOP_WITHIN_MS", "60000");
    }
    command
}

/// Runs a command to its end.
pub(crate) fn end_of(command: &mut Command) -> Said {
    let output = command.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// An empty folder for one test. The records in it at the end must match their schemas.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if path.exists() {
            fs::remove_dir_all(&path).expect("the output of an earlier run can be removed");
        }
        fs::create_dir_all(&path).expect("a folder can be made");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).expect("a file can be written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs the program in the folder to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        end_of(&mut program(&self.0, arguments))
    }

    /// Starts the program in the folder.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Running::of(&mut program(&self.0, arguments))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            crate::schemas::check_folder(&self.0);
        }
    }
}

/// A running program; it is killed at the end of its test.
pub(crate) struct Running {
    child: Child,
    errors: BufReader<ChildStderr>,
    pub(crate) said: String,
}

impl Running {
    /// Starts a command.
    pub(crate) fn of(command: &mut Command) -> Self {
        let started = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = started.expect("the program starts");
        let errors = BufReader::new(child.stderr.take().expect("standard error is a pipe"));
        Self { child, errors, said: String::new() }
    }

    /// Has it ended?
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("its state can be asked for").is_some()
    }

    /// Reads standard error up to the first line with `words`, and returns that line.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, words: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.errors.read_line(&mut line).expect("standard error is UTF-8");
            assert!(read > 0, "the program ended without saying `{words}`:\n{}", self.said);
            self.said.push_str(&line);
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Its standard error, as far as it was read.
    pub(crate) fn said(&self) -> &str {
        &self.said
    }

    /// Sends SIGTERM, as a service manager does.
    #[cfg(unix)]
    pub(crate) fn terminate(&self) {
        let killed = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(killed.expect("`kill` is there").success(), "the program is still running");
    }

    /// Its resident memory in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn resident_bytes(&self) -> u64 {
        self.status("VmRSS:") << 10
    }

    /// The number of its threads.
    #[cfg(target_os = "linux")]
    pub(crate) fn threads(&self) -> u64 {
        self.status("Threads:")
    }

    #[cfg(target_os = "linux")]
    fn status(&self, name: &str) -> u64 {
        self.status_text(name).trim_end_matches(" kB").parse().expect("a number")
    }

    /// Processor time that it has used, in hundredths of a second.
    #[cfg(target_os = "linux")]
    pub(crate) fn processor_ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("it is running");
        // The preceding name may contain anything; user time is the eleventh figure after the state, and system time
        // follows.
        let (_, figures) = stat.rsplit_once(") ").expect("a name in brackets");
        figures.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number")).sum()
    }

    /// The value of a key in Linux's status of the process.
    #[cfg(target_os = "linux")]
    pub(crate) fn status_text(&self, name: &str) -> String {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it is running");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("Linux reports it");
        line.trim().to_owned()
    }

    /// The address of its metrics, from its start line.
    pub(crate) fn metrics_address(&mut self) -> String {
        let line = self.wait_for("http://");
        let rest = line.split_once("http://").expect("the awaited line contains it").1;
        rest.split_once("/metrics").expect("metrics are at /metrics").0.to_owned()
    }

    /// Sends the signal of Ctrl-C.
    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        let killed = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(killed.expect("`kill` is there").success(), "the program is still running");
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Said {
        let mut out = String::new();
        self.errors.read_to_string(&mut self.said).expect("standard error is UTF-8");
        let mut pipe = self.child.stdout.take().expect("standard output is a pipe");
        pipe.read_to_string(&mut out).expect("standard output is UTF-8");
        let code = self.child.wait().expect("the program ends").code();
        Said { code, out, err: std::mem::take(&mut self.said) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, unless its test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The body of a page.
pub(crate) fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let mut request = String::new();
    write!(request, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("a string takes all");
    stream.write_all(request.as_bytes()).expect("a request is taken");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the answer is UTF-8");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    body.to_owned()
}

/// Looks until there is a result.
#[track_caller]
pub(crate) fn look<T>(what: &str, mut at: impl FnMut() -> Option<T>) -> T {
    for _ in 0..LOOKS_MAX {
        if let Some(seen) = at() {
            return seen;
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    panic!("{what} did not happen");
}
