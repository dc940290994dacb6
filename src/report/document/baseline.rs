//! The section about the comparison with a former report. Must not judge.

use crate::outcome::words::per_cent;
use crate::outcome::{BaselineLine, FigureLine};
use crate::rules::base::chance::Ratio;

use super::cell::{Cell, Tone};
use super::phrases::plural;
use super::section::{Block, ColumnKind, Content, Cut, Lead, ReportColumn, ReportTable, Section};

/// Every figure then and now, those first that are worse than they may be.
pub(super) fn section(line: &BaselineLine) -> Section {
    let mut figures: Vec<&FigureLine> = line.figures.iter().collect();
    figures.sort_by_key(|figure| figure.ok);
    let row = |figure: &FigureLine| -> Vec<Content> {
        vec![
            figure.name.clone().into(),
            Content::Mark(figure.ok),
            figure.before_text.clone().into(),
            Cell(figure.now_text.clone(), if figure.ok { Tone::Text } else { Tone::Bad }).into(),
            Cell(figure.allowed_text.clone(), Tone::Quiet).into(),
        ]
    };
    let columns = vec![
        ReportColumn::text("figure").cut(Cut::End(32)),
        ReportColumn::drawn(ColumnKind::Mark),
        ReportColumn::number("before"),
        ReportColumn::number("now"),
        ReportColumn::text("allowed"),
    ];
    let rows = figures.into_iter().map(row).collect();
    let blocks = vec![Block::Table(ReportTable::whole("Against the baseline", columns, rows))];
    Section::new("baseline", "Against the baseline", Lead::Sentence(summary(line)), blocks)
}

/// What was compared, and how many figures are worse.
pub(crate) fn summary(line: &BaselineLine) -> String {
    let worse = plural(line.worse().count() as u64, "figure");
    let by = match line.max_regression_billionths.min(1_000_000_000) {
        0 if line.seeds > 1 => "than its seeds allow".to_owned(),
        billionths => format!("by more than {}", per_cent(Ratio::from_billionths(billionths))),
    };
    match line.seeds {
        0 | 1 => format!("baseline of seed {}: {worse} worse {by}", line.seed),
        seeds => format!("baseline of {seeds} seeds from {}: {worse} worse {by}", line.seed),
    }
}
