//! Content negotiation of a scrape: text format and gzip. Reads two headers; must not render anything.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, AsHeaderName};

/// A text format of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MetricsFormat {
    /// Prometheus's text format, version 0.0.4.
    Prometheus,
    /// `OpenMetrics` 1.0.
    OpenMetrics,
}

impl MetricsFormat {
    /// The preferred format; Prometheus's own where no preference is given, because every scraper reads it.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let is_ours = |version: Option<&str>| version.is_none_or(|version| matches!(version, "1.0.0" | "0.0.1"));
        let (mut open, mut text) = (0, 0);
        for (name, parameters) in items(headers, ACCEPT) {
            let weight = weight(&parameters);
            let version = parameters.iter().find(|(key, _)| key == "version").map(|(_, value)| value.as_str());
            match name.as_str() {
                "application/openmetrics-text" if is_ours(version) => open = weight.max(open),
                "text/plain" => text = weight.max(text),
                _ => {}
            }
        }
        if open > 0 && open >= text { Self::OpenMetrics } else { Self::Prometheus }
    }
}

/// Whether the client accepts gzip.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let named = items(headers, ACCEPT_ENCODING).into_iter().find(|(name, _)| name == "gzip");
    named.is_some_and(|(_, parameters)| weight(&parameters) > 0)
}

type Parameters = Vec<(String, String)>;

/// The items of a list, each with its parameters, in lower case.
fn items(headers: &HeaderMap, header: impl AsHeaderName) -> Vec<(String, Parameters)> {
    let lines = headers.get_all(header).iter().filter_map(|line| line.to_str().ok());
    let item = |item: &str| {
        let mut parts = item.split(';').map(|part| part.trim().to_ascii_lowercase());
        let name = parts.next().unwrap_or_default();
        let parameter = |part: String| {
            let (key, value) = part.split_once('=')?;
            Some((key.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
        };
        (name, parts.filter_map(parameter).collect())
    };
    lines.flat_map(|line| line.split(',')).map(item).collect()
}

/// The quality value of an item, in thousandths.
fn weight(parameters: &Parameters) -> u32 {
    let written = parameters.iter().find(|(key, _)| key == "q").map(|(_, value)| value.as_str());
    let Some(written) = written else { return 1_000 };
    let (whole, part) = written.split_once('.').unwrap_or((written, ""));
    let digits: String = part.chars().chain(['0', '0', '0']).take(3).collect();
    match (whole.parse::<u32>(), digits.parse::<u32>()) {
        (Ok(0), Ok(thousandths)) => thousandths,
        (Ok(1), Ok(_)) => 1_000,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(name: axum::http::HeaderName, value: &'static str) -> HeaderMap {
        [(name, HeaderValue::from_static(value))].into_iter().collect()
    }

    #[test]
    fn the_format_is_the_one_that_the_scraper_prefers() {
        for (accept, format) in [
            ("application/openmetrics-text; version=1.0.0", MetricsFormat::OpenMetrics),
            ("application/openmetrics-text;version=\"1.0.0\";charset=utf-8", MetricsFormat::OpenMetrics),
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                 text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                MetricsFormat::OpenMetrics,
            ),
            ("application/openmetrics-text;version=1.0.0;q=0.4,text/plain;q=0.5", MetricsFormat::Prometheus),
            ("application/openmetrics-text;version=2.0.0", MetricsFormat::Prometheus),
            ("application/openmetrics-text;q=0", MetricsFormat::Prometheus),
            ("text/plain", MetricsFormat::Prometheus),
            ("text/html,*/*;q=0.8", MetricsFormat::Prometheus),
            ("*/*", MetricsFormat::Prometheus),
            ("", MetricsFormat::Prometheus),
            (";;;,q=,=", MetricsFormat::Prometheus),
        ] {
            assert_eq!(MetricsFormat::of(&headers(ACCEPT, accept)), format, "{accept}");
        }
        assert_eq!(MetricsFormat::of(&HeaderMap::new()), MetricsFormat::Prometheus);
    }

    #[test]
    fn gzip_is_used_only_when_it_is_asked_for() {
        for (accept, takes) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip;q=0.000", false),
            ("br", false),
            ("*", false),
        ] {
            assert_eq!(takes_gzip(&headers(ACCEPT_ENCODING, accept)), takes, "{accept}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
