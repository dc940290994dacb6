//! The resident memory of this process.

/// Bytes, as Linux counts them.
pub(crate) fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this is measured on Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux reports it");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") << 10
}
