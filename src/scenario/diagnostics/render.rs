//! Diagnostics as text (in the style of rustc) and as records. Must not decide or print anything.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use crate::rules::base::visible;

use super::diagnostic::{Diagnostic, Diagnostics, Severity};
use super::source::{Quoting, Source, SourceSpan};
use super::workflow::Annotation;

/// Whether a text is coloured for a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paint {
    /// No escape sequences.
    #[default]
    Plain,
    /// ANSI colours.
    Colour,
}

/// One problem as `--format json` writes it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct MachineDiagnostic {
    /// The stable code, `S001`.
    pub code: &'static str,
    /// Its name, `unknown-key`.
    pub name: &'static str,
    /// Its severity.
    pub severity: Severity,
    /// The file, or the flag.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// The text at the caret; may be empty.
    pub label: String,
    /// The remedy.
    pub help: Option<String>,
}

/// Bytes of a line that are drawn before and after a problem; a longer line is cut.
const LINE_BYTES_MAX: usize = 240;

impl Diagnostics {
    /// All problems in the style of rustc, with file, line, column and caret.
    pub fn render(&self, paint: Paint) -> String {
        let renderer = match paint {
            Paint::Plain => Renderer::plain(),
            Paint::Colour => Renderer::styled(),
        };
        let mut out = String::new();
        for diagnostic in self.iter() {
            out.push_str(&draw(&renderer, diagnostic, self.source(diagnostic.place)));
            out.push_str("\n\n");
        }
        if self.omitted() > 0 {
            writeln!(out, "and {} more problems that are not listed", self.omitted()).expect("a string takes all");
        }
        out
    }

    /// What is wrong, where, and the remedies, in one line.
    pub fn in_one_line(&self) -> String {
        let lines = self.machine().into_iter().map(|one| {
            let label = if one.label.is_empty() { String::new() } else { format!(", {}", one.label) };
            let help = one.help.map(|help| format!(": {help}")).unwrap_or_default();
            format!("{} at line {}, column {}: {}{label}{help}", one.code, one.line, one.column, one.message)
        });
        lines.collect::<Vec<_>>().join("; ")
    }

    /// All problems as records.
    pub fn machine(&self) -> Vec<MachineDiagnostic> {
        let record = |diagnostic: &Diagnostic| {
            let source = self.source(diagnostic.place);
            let (line, column) = source.line_and_column(diagnostic.place.start);
            MachineDiagnostic {
                code: diagnostic.code.code(),
                name: diagnostic.code.name(),
                severity: diagnostic.code.severity(),
                file: source.name.clone(),
                line,
                column,
                message: diagnostic.message.clone(),
                label: diagnostic.label.clone(),
                help: diagnostic.help.clone(),
            }
        };
        self.iter().map(record).collect()
    }
}

fn draw(renderer: &Renderer, diagnostic: &Diagnostic, source: &Source) -> String {
    let level = match diagnostic.code.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let id = format!("{} {}", diagnostic.code.code(), diagnostic.code.name());
    let title = level.primary_title(visible::one_line(&diagnostic.message)).id(id);
    let (name, label) = (visible::one_line(&source.name), visible::one_line(&diagnostic.label));
    let window = Window::around(source, diagnostic.place);
    let (text, span) = window.visible();
    let mut group = if source.quoting == Quoting::PlacesOnly {
        let (line, column) = source.line_and_column(diagnostic.place.start);
        let group = title.element(Origin::path(name).line(line).char_column(column));
        if label.is_empty() { group } else { group.element(Level::NOTE.message(label)) }
    } else {
        let annotation = AnnotationKind::Primary.span(span);
        let annotation = if label.is_empty() { annotation } else { annotation.label(label) };
        title.element(Snippet::source(text.as_str()).line_start(window.line).path(name).annotation(annotation))
    };
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(visible::one_line(help)));
    }
    renderer.render(&[group])
}

/// The one line of a source that a diagnostic shows: drawing must not depend on the size of the file.
struct Window<'s> {
    text: &'s str,
    line: usize,
    span: std::ops::Range<usize>,
}

impl<'s> Window<'s> {
    fn around(source: &'s Source, place: SourceSpan) -> Self {
        let (start, text) = (source.boundary(place.start), source.text.as_str());
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        // Too long a line is cut; then the column counts from the cut.
        let from =
            if start - line_start > LINE_BYTES_MAX { source.boundary(start - LINE_BYTES_MAX) } else { line_start };
        let to = source.boundary(line_end.min(start + LINE_BYTES_MAX)).max(start);
        let end = source.boundary(place.end.max(start)).clamp(start, to);
        let line = text[..line_start].bytes().filter(|byte| *byte == b'\n').count() + 1;
        Self { text: &text[from..to], line, span: start - from..end - from }
    }

    /// The line and the span as drawn; the renderer expands tabs.
    fn visible(&self) -> (String, std::ops::Range<usize>) {
        let drawn = |text: &str| text.split('\t').map(visible::one_line).collect::<Vec<_>>().join("\t");
        // The carriage return of a line's end is not part of its text.
        let text = self.text.strip_suffix('\r').unwrap_or(self.text);
        let (from, to) = (self.span.start.min(text.len()), self.span.end.min(text.len()));
        let [before, inside, after] = [drawn(&text[..from]), drawn(&text[from..to]), drawn(&text[to..])];
        let span = before.len()..before.len() + inside.len();
        ([before, inside, after].concat(), span)
    }
}

/// All problems as GitHub's workflow commands, each an annotation of its line.
pub fn annotations(found: &Diagnostics) -> String {
    let command = |MachineDiagnostic { code, name, severity, file, line, column, message, help, .. }| {
        let text = help.map_or_else(|| message.clone(), |help| format!("{message}\n{help}"));
        let (place, column) = (Some((file.as_str(), line)), Some(column));
        Annotation { severity, place, column, title: &format!("{code} {name}"), text: &text }.command()
    };
    found.machine().into_iter().map(command).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::diagnostics::diagnostic::Code;

    #[test]
    fn draws_file_line_column_caret_and_remedy() {
        let mut all = Diagnostics::default();
        let source = all.add_source(Source::new("a.toml", "schema = 1\nduratoin = \"1h\"\n"));
        let place = SourceSpan { source, start: 11, end: 19 };
        all.report(Diagnostic::new(Code::UnknownKey, place, "unknown key `duratoin`").help("did you mean `duration`?"));
        let text = all.render(Paint::Plain);
        assert!(text.contains("error[S001 unknown-key]: unknown key `duratoin`"), "{text}");
        assert!(text.contains("a.toml:2:1"), "{text}");
        assert!(text.contains("^^^^^^^^"), "{text}");
        assert!(text.contains("did you mean `duration`?"), "{text}");
        let machine = all.machine();
        assert_eq!((machine[0].line, machine[0].column, machine[0].code), (2, 1, "S001"));
    }

    #[test]
    fn a_line_of_a_megabyte_is_cut() {
        let mut all = Diagnostics::default();
        let source = all.add_source(Source::new("a.toml", "ü".repeat(1 << 19)));
        all.report(Diagnostic::new(Code::Syntax, SourceSpan { source, start: 500_001, end: 900_000 }, "what is this"));
        assert!(all.render(Paint::Plain).len() < 4_000);
    }
}
