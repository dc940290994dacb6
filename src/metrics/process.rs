//! The operating system's figures of this process, in the text format. A figure that the system does not give is left
//! out.

use std::fmt::Write as _;

use metrics_process::collector::{Metrics, collect};

/// A figure of the process.
pub(super) struct Figure {
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) unit: &'static str,
    pub(super) help: &'static str,
    read: fn(&Metrics) -> Option<f64>,
}

/// Every figure; the names are those that Prometheus's own clients use.
pub(super) const FIGURES: [Figure; 8] = [
    Figure {
        name: "process_cpu_seconds_total",
        kind: "counter",
        unit: "wall seconds",
        help: "Processor time used, in user and system mode.",
        read: |process| process.cpu_seconds_total,
    },
    Figure {
        name: "process_open_fds",
        kind: "gauge",
        unit: "files",
        help: "Open files and sockets.",
        read: |process| process.open_fds.map(float),
    },
    Figure {
        name: "process_max_fds",
        kind: "gauge",
        unit: "files",
        help: "Files and sockets that may be open.",
        read: |process| process.max_fds.map(float),
    },
    Figure {
        name: "process_virtual_memory_bytes",
        kind: "gauge",
        unit: "bytes",
        help: "Address space in use.",
        read: |process| process.virtual_memory_bytes.map(float),
    },
    Figure {
        name: "process_virtual_memory_max_bytes",
        kind: "gauge",
        unit: "bytes",
        help: "Address space that may be used.",
        read: |process| process.virtual_memory_max_bytes.map(float),
    },
    Figure {
        name: "process_resident_memory_bytes",
        kind: "gauge",
        unit: "bytes",
        help: "Memory in use.",
        read: |process| process.resident_memory_bytes.map(float),
    },
    Figure {
        name: "process_start_time_seconds",
        kind: "gauge",
        unit: "wall seconds",
        help: "When the program started, since 1970.",
        read: |process| process.start_time_seconds.map(float),
    },
    Figure {
        name: "process_threads",
        kind: "gauge",
        unit: "threads",
        help: "Threads of the operating system.",
        read: |process| process.threads.map(float),
    },
];

#[expect(clippy::cast_precision_loss, reason = "an exported figure; nothing is decided by it")]
fn float(number: u64) -> f64 {
    number as f64
}

/// Adds the process's figures, as they are now.
pub(super) fn render(out: &mut String) {
    let now = collect();
    for Figure { name, kind, help, read, .. } in &FIGURES {
        if let Some(value) = read(&now) {
            write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n").expect("a string takes all");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn processor_time_has_fractions_of_a_second() {
        let seconds = || collect().cpu_seconds_total.expect("Linux reports it");
        let begun = seconds();
        // The kernel counts in hundredths: after a few of them the value has a fraction.
        while seconds() < begun + 0.03 {
            std::hint::black_box(collect());
        }
        let mut page = String::new();
        render(&mut page);
        let line = page.lines().find(|line| line.starts_with("process_cpu_seconds_total ")).expect("it is there");
        let value: f64 = line.rsplit_once(' ').expect("it has a value").1.parse().expect("it is a number");
        assert!((value - seconds()).abs() < 0.5, "{line}");
    }
}
