//! Memory of this process and of the machine, where the operating system tells. Must not decide how much to use.

use std::fs;
use std::path::Path;

/// The peak memory of this process, in bytes.
pub(crate) fn peak_rss_bytes() -> Option<u64> {
    figure(&fs::read_to_string("/proc/self/status").ok()?, "VmHWM:").map(kilobytes)
}

/// The memory of this process now, in bytes.
pub(crate) fn rss_bytes() -> Option<u64> {
    figure(&fs::read_to_string("/proc/self/status").ok()?, "VmRSS:").map(kilobytes)
}

/// Memory that can still be taken, in bytes: the least of what the machine and each control group of this process have.
pub(crate) fn available_bytes() -> Option<u64> {
    let machine = figure(&fs::read_to_string("/proc/meminfo").ok()?, "MemAvailable:").map(kilobytes)?;
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    // Version 2 has one line, `0::/path`; the limits of all folders above hold too.
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default();
    let root = Path::new("/sys/fs/cgroup");
    let folder = root.join(path);
    let above = folder.ancestors().take_while(|above| above.starts_with(root));
    Some(above.filter_map(left_in_group).fold(machine, u64::min))
}

/// What a control group may still take: its cached files count as free.
fn left_in_group(folder: &Path) -> Option<u64> {
    let read = |file: &str| fs::read_to_string(folder.join(file)).ok();
    let limit: u64 = read("memory.max")?.trim().parse().ok()?;
    let taken: u64 = read("memory.current")?.trim().parse().ok()?;
    let cached = read("memory.stat").and_then(|stat| figure(&stat, "inactive_file ")).unwrap_or(0);
    Some(limit.saturating_sub(taken.saturating_sub(cached)))
}

/// The number behind a key, at the beginning of a line.
fn figure(text: &str, key: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(key))?;
    rest.split_whitespace().next()?.parse().ok()
}

fn kilobytes(number: u64) -> u64 {
    number.saturating_mul(1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_by_their_keys() {
        let text = "VmPeak:\t  9 kB\nVmHWM:\t  41984 kB\nanon 5\ninactive_file 77\n";
        assert_eq!(figure(text, "VmHWM:"), Some(41_984));
        assert_eq!(figure(text, "inactive_file "), Some(77));
        assert_eq!(figure(text, "VmRSS:"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_and_this_machine_have_memory() {
        // Other tests take memory meanwhile, so the peak is read last; Linux counts in batches for each processor.
        const BATCHES: u64 = 4 << 20;
        let now = rss_bytes().expect("Linux tells");
        let peak = peak_rss_bytes().expect("Linux tells");
        assert!(now > 0 && peak + BATCHES >= now, "{peak} {now}");
        assert!(available_bytes().expect("Linux tells") > 0);
    }
}
