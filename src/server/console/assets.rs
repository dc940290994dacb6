//! The style sheet, the script and the icon, each at an address that has its hash, so that a browser keeps it until it is
//! another one. Must not depend on a request.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

use super::router::BASE;

const STYLE: &str = include_str!("console.css");
const SCRIPT: &str = include_str!("console.js");
/// Two rings: the bell of the reports.
pub(super) const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='6.5' fill='none' stroke='%230F6CBD' stroke-width='3'/%3E%3Ccircle cx='8' cy='8' r='2' fill='%230F6CBD'/%3E%3C/svg%3E";
/// How long a browser may keep what never changes at its address.
const KEPT: &str = "private, max-age=31536000, immutable";

static STYLE_FILE: LazyLock<String> = LazyLock::new(|| file(STYLE, "css"));
static SCRIPT_FILE: LazyLock<String> = LazyLock::new(|| file(SCRIPT, "js"));

fn file(content: &str, ending: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(content.as_bytes()).into();
    let [first, ..] = hash.as_chunks().0 else { unreachable!("a hash has eight bytes four times") };
    format!("{:016x}.{ending}", u64::from_be_bytes(*first))
}

pub(super) fn style_path() -> String {
    format!("{BASE}/assets/{}", *STYLE_FILE)
}

pub(super) fn script_path() -> String {
    format!("{BASE}/assets/{}", *SCRIPT_FILE)
}

/// The file with this name.
pub(super) async fn asset(Path(wanted): Path<String>) -> Response {
    let (kind, content) = if wanted == *STYLE_FILE {
        ("text/css; charset=utf-8", STYLE)
    } else if wanted == *SCRIPT_FILE {
        ("text/javascript; charset=utf-8", SCRIPT)
    } else {
        return StatusCode::NOT_FOUND.into_response();
    };
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, KEPT)], content).into_response()
}
