//! Converts a page in Prometheus's text format to `OpenMetrics` 1.0: the same families and values. Must not count
//! anything.

use std::fmt::Write as _;

/// The converted page, with its end marker.
pub(super) fn of(page: &str) -> String {
    let mut out = String::with_capacity(page.len() + page.len() / 16);
    let mut counter = "";
    let mut help = "";
    for line in page.lines().filter(|line| !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            // The type, which comes next, decides the name of the family.
            help = rest;
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            counter = if kind == "counter" { name } else { "" };
            let family = if kind == "counter" { name.strip_suffix("_total").unwrap_or(name) } else { name };
            writeln!(out, "# TYPE {family} {kind}").expect("a string takes all");
            if let Some((_, help)) = help.split_once(' ').filter(|(of, _)| *of == name) {
                writeln!(out, "# HELP {family} {}", help.replace('"', "\\\"")).expect("a string takes all");
            }
        } else if let Some((before, bound, after)) = bound(line).filter(|_| counter.is_empty()) {
            writeln!(out, "{before}{bound}.0{after}").expect("a string takes all");
        } else {
            writeln!(out, "{line}").expect("a string takes all");
        }
    }
    out.push_str("# EOF\n");
    out
}

/// Splits a bucket's line around its upper end, if that is a whole number: `OpenMetrics` wants a decimal point there.
fn bound(line: &str) -> Option<(&str, &str, &str)> {
    let start = line.rfind("le=\"")? + 4;
    let length = line[start..].find('"')?;
    let bound = &line[start..start + length];
    let is_whole = !bound.is_empty() && bound.bytes().all(|byte| byte.is_ascii_digit());
    (is_whole && line.contains("_bucket{")).then(|| (&line[..start], bound, &line[start + length..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_buckets_and_quotes_are_written_differently() {
        let page = "# HELP a_total How \"many\" came.\n# TYPE a_total counter\na_total{x=\"le=\\\"1\\\"\"} 2\n\n\
                    # HELP b Of b.\n# TYPE b histogram\nb_bucket{p=\"ios\",le=\"0.5\"} 1\nb_bucket{p=\"ios\",le=\"60\"} 2\n\
                    b_bucket{p=\"ios\",le=\"+Inf\"} 2\nb_sum{p=\"ios\"} 3\nb_count{p=\"ios\"} 2\n# TYPE c gauge\nc 1\n";
        insta::assert_snapshot!(of(page), @r##"
        # TYPE a counter
        # HELP a How \"many\" came.
        a_total{x="le=\"1\""} 2
        # TYPE b histogram
        # HELP b Of b.
        b_bucket{p="ios",le="0.5"} 1
        b_bucket{p="ios",le="60.0"} 2
        b_bucket{p="ios",le="+Inf"} 2
        b_sum{p="ios"} 3
        b_count{p="ios"} 2
        # TYPE c gauge
        c 1
        # EOF
        "##);
    }
}
