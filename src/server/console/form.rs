//! The fields of a form that was posted. Must not judge a value.

use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use std::sync::Arc;

use super::state::Console;
use crate::server::control::Problem;
use crate::server::http::{self, BodyLimits};

/// Bytes of a form: a fault with long labels, or the largest text many times over.
const FORM_BYTES_MAX: usize = 1 << 18;
/// Fields of a form; one has far fewer.
const FIELDS_MAX: usize = 2_000;
/// How long a form may take to arrive.
const FORM_WAIT_MAX: Duration = Duration::from_secs(30);

/// The fields of a form, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct PostedForm(Vec<(String, String)>);

impl PostedForm {
    /// Reads the form of a request.
    ///
    /// # Errors
    /// That it is none, or too large.
    pub(super) async fn read(console: &Console, request: Request) -> Result<Self, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        if kind.split(';').next().unwrap_or("").trim() != "application/x-www-form-urlencoded" {
            return Err(Problem::bad("a form of this console is sent as application/x-www-form-urlencoded"));
        }
        let (parts, body) = request.into_parts();
        let budget = &console.control.budgets().control_bodies;
        let limits = BodyLimits { bytes_max: FORM_BYTES_MAX, wait_max: FORM_WAIT_MAX, budget };
        let bytes = http::read(body, &parts.headers, limits).await;
        let bytes = bytes.map_err(|error| Problem::of_body(&error, FORM_BYTES_MAX))?;
        Self::parse(&bytes)
    }

    fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let text = std::str::from_utf8(bytes).map_err(|_| Problem::bad("a form is UTF-8"))?;
        let fields: Vec<(String, String)> = http::pairs(text).map_err(|_| Problem::bad("a form is UTF-8"))?;
        if fields.len() > FIELDS_MAX {
            return Err(Problem::bad(format!("a form has at most {FIELDS_MAX} fields")));
        }
        // Browsers end the lines of a text with two characters, and the text that was written has one.
        Ok(Self(fields.into_iter().map(|(name, value)| (name, value.replace("\r\n", "\n"))).collect()))
    }

    /// The first value of a field.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str())
    }

    /// The same without white space around it; nothing if it is empty.
    pub(super) fn filled(&self, field: &str) -> Option<&str> {
        self.text(field).map(str::trim).filter(|text| !text.is_empty())
    }

    /// Every value of a field.
    pub(super) fn all<'f>(&'f self, field: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(name, _)| name == field).map(|(_, value)| value.as_str())
    }
}

impl FromRequest<Arc<Console>> for PostedForm {
    type Rejection = axum::response::Response;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, Self::Rejection> {
        let language = super::visit::language_of(request.headers());
        Self::read(console, request).await.map_err(|problem| {
            super::frame::bare(language, problem.status(), super::phrase::Phrase::NothingWasDone, problem.message())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_a_browser_writes_them() {
        let form = PostedForm::parse(b"title=a+b&body=x%0D%0Ay&group=1&group=2&empty=+").expect("it is a form");
        assert_eq!((form.text("title"), form.text("body")), (Some("a b"), Some("x\ny")));
        assert_eq!(form.all("group").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!((form.filled("empty"), form.text("absent")), (None, None));
        assert!(PostedForm::parse(b"a=%ff").is_err() && PostedForm::parse(&[0xff]).is_err());
        assert!(PostedForm::parse("a=&".repeat(FIELDS_MAX + 1).as_bytes()).is_err());
    }
}
