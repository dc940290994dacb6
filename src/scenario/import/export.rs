//! Exports: a tenant's devices as listed by Graph (JSON) or the admin centre (CSV), as one kind of row. Must not judge
//! a value.

use strum::VariantArray as _;

use super::columns::Column;
use super::{export_csv, export_json, forms};
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::text::view::Spot;

/// The fields of a device that the model uses, in the order of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr, strum::VariantArray)]
#[strum(const_into_str)]
pub(crate) enum DeviceField {
    /// Its id, which is its name in the fleet.
    #[strum(serialize = "Device ID")]
    Id,
    /// The user principal name of its user.
    #[strum(serialize = "Primary user UPN")]
    UserName,
    /// The id of its user.
    UserId,
    /// Its operating system.
    #[strum(serialize = "OS")]
    System,
    /// Its model; tells an iPad from an iPhone where the system does not.
    Model,
    /// How it was enrolled.
    #[strum(serialize = "EnrollmentType")]
    Enrollment,
    /// The user that enrolled it.
    #[strum(serialize = "Enrolled by user UPN")]
    EnrolledBy,
    /// Its management agent.
    #[strum(serialize = "Managed by")]
    Agent,
    /// Its owner.
    #[strum(serialize = "Ownership")]
    Owner,
    /// Its kind, as Graph's `deviceType`; distinguishes iPad and iPhone too.
    #[strum(serialize = "DeviceType")]
    Kind,
    /// Its product, such as `iPad13,8`; the same.
    #[strum(serialize = "ProductName")]
    Product,
}

impl DeviceField {
    /// The title of its column in the admin centre's export.
    pub(crate) const fn title(self) -> &'static str {
        self.into_str()
    }
}

/// One device of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExportRow {
    /// Its beginning.
    pub(crate) place: SourceSpan,
    fields: [Option<(String, SourceSpan)>; DeviceField::VARIANTS.len()],
    /// Its values for display, by property of Graph and in Graph's form.
    pub(crate) shown: Vec<(&'static str, String)>,
}

impl ExportRow {
    /// An empty row.
    pub(crate) fn at(place: SourceSpan) -> Self {
        Self { place, ..Self::default() }
    }

    /// Keeps a value unless it is empty or another column has given it. Columns with codes come before their localised
    /// twins.
    pub(crate) fn keep(&mut self, column: Column, value: &str, place: SourceSpan) {
        let Some(value) = forms::of_graph(column, value.trim()) else { return };
        if let Some(field) = column.field {
            let slot = &mut self.fields[field as usize];
            let says_more =
                slot.as_ref().is_none_or(|(base, _)| column.is_localised && forms::says_more(field, base, &value));
            if says_more {
                *slot = Some((value.clone(), place));
            }
        }
        if let Some(property) = column.property
            && self.shown.iter().all(|(known, _)| *known != property)
        {
            self.shown.push((property, value));
        }
    }

    /// The value of a field, if the export has it.
    pub(crate) fn get(&self, field: DeviceField) -> Option<Spot<&str>> {
        self.fields[field as usize].as_ref().map(|(value, place)| Spot { value: value.as_str(), place: *place })
    }
}

/// The contents of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Export {
    /// Its devices, in its order.
    pub(crate) rows: Vec<ExportRow>,
    /// The place of a link to further pages, if there is one.
    pub(crate) more: Option<SourceSpan>,
}

/// Where the text of an export is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ExportPlace {
    /// It is a source of its own, with this number.
    Source(usize),
    /// It is a value of a scenario.
    Value(SourceSpan),
}

impl ExportPlace {
    /// The place of a part of the text.
    pub(crate) fn place(self, start: usize, end: usize) -> SourceSpan {
        match self {
            Self::Source(source) => SourceSpan { source, start, end },
            Self::Value(place) => place,
        }
    }

    /// The place from `start` to the end of its line.
    pub(crate) fn line(self, text: &str, start: usize) -> SourceSpan {
        let start = start + text[start..].len() - text[start..].trim_start_matches(['\r', '\n']).len();
        let length = text[start..].find(['\r', '\n']).unwrap_or(text.len() - start);
        self.place(start, start + length)
    }
}

/// Reads the export of a file; the extension of its name selects the format.
pub(crate) fn read(name: &str, text: &str, at: ExportPlace, named: SourceSpan) -> Result<Export, Diagnostic> {
    let ending = name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_lowercase());
    let read = match ending.as_str() {
        "json" | "ndjson" | "jsonl" => export_json::read,
        "csv" | "tsv" => export_csv::read,
        _ => {
            let found = Diagnostic::new(Code::Export, named, "an export ends in .json, .ndjson, .csv or .tsv");
            return Err(found.help("save managedDevices of Graph as .json, or the list of the admin centre as .csv"));
        }
    };
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        let found = Diagnostic::new(Code::Export, named, "the export is empty");
        return Err(found.help("export the list of devices once more"));
    }
    read(text, at)
}
