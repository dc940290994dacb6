//! A section of a report as data: a title, a first sentence, and blocks. Must not know what a section is about, nor how
//! a block looks.

use std::borrow::Cow;

use super::cell::Cell;
use super::layer::Layer;

/// A section of a report for people.
#[derive(Debug)]
pub(crate) struct Section {
    /// Its anchor in a page.
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) lead: Lead,
    pub(crate) blocks: Vec<Block>,
    /// Whether a text has its blocks below the verdict, without the title.
    pub(crate) belongs_to_verdict: bool,
}

/// What a section says before its blocks.
#[derive(Debug)]
pub(crate) enum Lead {
    /// Nothing.
    None,
    /// A sentence, without its capital letter and its full stop.
    Sentence(String),
    /// Figures that are no sentence.
    Figures(String),
}

/// A piece of a section.
#[derive(Debug)]
pub(crate) enum Block {
    Table(ReportTable),
    /// A sentence of its own.
    Note(String),
    /// A plot, with the figures that stand for it where nothing is drawn.
    Plot(Plot, Option<String>),
    /// The effects of leaving something out: its names, then a sentence for each effect.
    Effects(Vec<(String, Vec<String>)>),
    /// Commands to be copied: they are never cut.
    Commands(Vec<ReplayCommand>),
}

/// A command that repeats something.
#[derive(Debug)]
pub(crate) struct ReplayCommand {
    pub(crate) command: String,
    /// The reason to run it; may be empty.
    pub(crate) why: String,
    /// Whether it is printed where only failures are: it repeats all, or what failed.
    pub(crate) is_of_failures: bool,
}

/// A plot that a page draws from the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plot {
    /// The share of pairs shown, by time since acceptance.
    Reach,
    /// The latencies to display.
    Latency,
    /// The stations of the pairs, by model time.
    Course,
    /// The slots of the tenant's quota in use.
    Quota,
}

/// Rows under headings; the first column of texts names the row.
#[derive(Debug)]
pub(crate) struct ReportTable {
    /// What the rows are, for readers who do not see the title above.
    pub(crate) caption: Cow<'static, str>,
    pub(crate) columns: Vec<ReportColumn>,
    /// A row may end before the last column.
    pub(crate) rows: Vec<Vec<Content>>,
    /// Rows on a console, at most.
    pub(crate) console_rows_max: usize,
}

/// A column of a [`ReportTable`].
#[derive(Clone, Debug)]
pub(crate) struct ReportColumn {
    pub(crate) heading: Cow<'static, str>,
    pub(crate) kind: ColumnKind,
    pub(crate) cut: Cut,
}

/// What a column contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    Text,
    /// Figures, aligned to the right.
    Number,
    /// Signs of success; the first column of a text.
    Mark,
    /// Bars of one part.
    Bar,
    /// Bars of several parts, which only a page shows.
    Parts,
}

/// How a console makes a text fit, in columns of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// It never does.
    Never,
    /// The end goes first.
    End(usize),
    /// The middle goes first.
    Middle(usize),
    /// What stands before a colon goes first, then the end.
    Label(usize),
}

/// The content of a cell.
#[derive(Debug)]
pub(crate) enum Content {
    Text(Cell),
    /// Whether something held.
    Mark(bool),
    /// Parts of a whole, one after the other. The figures stand beside it, so a bar is only an aid.
    Bar(Vec<(u64, Layer)>, u64),
}

impl<T: Into<Cell>> From<T> for Content {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

impl ReplayCommand {
    /// The command that repeats the whole.
    pub(crate) fn of_all(command: &str) -> Self {
        Self { command: command.to_owned(), why: String::new(), is_of_failures: true }
    }
}

impl Lead {
    /// As it follows a title on the same line.
    pub(crate) fn phrase(&self) -> &str {
        match self {
            Self::None => "",
            Self::Sentence(text) | Self::Figures(text) => text,
        }
    }

    /// As a paragraph.
    pub(crate) fn paragraph(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Sentence(text) => format!("{}.", capitalised(text)),
            Self::Figures(text) => text.clone(),
        }
    }
}

/// The sections of a text: those whose blocks are below the verdict, then the others. What is only drawn is left out.
pub(crate) fn text_sections(sections: Vec<Section>) -> (Vec<Section>, Vec<Section>) {
    let sections = sections.into_iter().filter(|section| !section.is_only_drawn());
    sections.partition(|section| section.belongs_to_verdict)
}

/// The text with a capital letter.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

impl Section {
    /// A section with a title of its own in every format.
    pub(crate) const fn new(id: &'static str, title: &'static str, lead: Lead, blocks: Vec<Block>) -> Self {
        Self { id, title, lead, blocks, belongs_to_verdict: false }
    }

    /// What a report of failures alone has of it: failed rows of the verdict, and the commands that replay them.
    pub(crate) fn failures(self) -> Option<Self> {
        let is_failure = |row: &Vec<Content>| row.iter().any(|content| matches!(content, Content::Mark(false)));
        let kept = |block: Block| match block {
            Block::Table(table) if self.belongs_to_verdict => {
                let rows: Vec<Vec<Content>> = table.rows.into_iter().filter(is_failure).collect();
                (!rows.is_empty()).then_some(Block::Table(ReportTable { rows, ..table }))
            }
            Block::Commands(commands) => {
                Some(Block::Commands(commands.into_iter().filter(|command| command.is_of_failures).collect()))
            }
            Block::Table(_) | Block::Note(_) | Block::Plot(..) | Block::Effects(_) => None,
        };
        let blocks: Vec<Block> = self.blocks.into_iter().filter_map(kept).collect();
        (!blocks.is_empty()).then_some(Self { blocks, ..self })
    }

    /// Whether a text without drawings would have nothing below the title.
    pub(crate) fn is_only_drawn(&self) -> bool {
        !self.blocks.is_empty() && self.blocks.iter().all(|block| matches!(block, Block::Plot(_, None)))
    }
}

impl ReportTable {
    /// A table that a console does not shorten.
    pub(crate) fn whole(
        caption: impl Into<Cow<'static, str>>,
        columns: Vec<ReportColumn>,
        rows: Vec<Vec<Content>>,
    ) -> Self {
        Self { caption: caption.into(), columns, rows, console_rows_max: usize::MAX }
    }

    /// Whether another table has the same columns, so that both are one on a console.
    pub(crate) fn continues(&self, other: &Self) -> bool {
        let heading = |column: &ReportColumn| (column.heading.clone(), column.kind);
        self.columns.iter().map(heading).eq(other.columns.iter().map(heading))
    }

    /// The columns of a text, by their place here: signs first, and no bars of several parts.
    pub(crate) fn text_columns(&self) -> Vec<usize> {
        let kind = |at: &usize| self.columns[*at].kind;
        let mut places: Vec<usize> = (0..self.columns.len()).filter(|at| kind(at) != ColumnKind::Parts).collect();
        places.sort_by_key(|at| kind(at) != ColumnKind::Mark);
        places
    }
}

impl ReportColumn {
    /// A column of texts.
    pub(crate) fn text(heading: impl Into<Cow<'static, str>>) -> Self {
        Self { heading: heading.into(), kind: ColumnKind::Text, cut: Cut::Never }
    }

    /// A column of figures.
    pub(crate) fn number(heading: impl Into<Cow<'static, str>>) -> Self {
        Self { heading: heading.into(), kind: ColumnKind::Number, cut: Cut::Never }
    }

    /// A column without a heading.
    pub(crate) const fn drawn(kind: ColumnKind) -> Self {
        Self { heading: Cow::Borrowed(""), kind, cut: Cut::Never }
    }

    /// The same column with texts that are cut on a console.
    pub(crate) fn cut(self, cut: Cut) -> Self {
        Self { cut, ..self }
    }
}
