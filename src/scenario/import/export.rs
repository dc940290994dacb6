//! Exports of devices, as listed by Graph (JSON) or the admin centre (CSV), as one kind of row. Must not judge a value.

use std::collections::BTreeMap;

use strum::VariantArray as _;

use super::columns::Column;
use super::entry::{ExportNoun, ExportText};
use super::{export_csv, forms};
use crate::scenario::diagnostics::diagnostic::Diagnostic;
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

/// The devices of an export.
const DEVICES: ExportNoun = ExportNoun {
    noun: "device",
    is_needed: |title| Column::of(title).is_some_and(|column| column.field == Some(DeviceField::Id)),
    no_title: (
        "no column is called `Device ID`",
        "use the export of `All devices` in English, French, German or Spanish, or name the column `Device ID`",
    ),
    save: "save the answer to GET deviceManagement/managedDevices",
    formats: "save managedDevices of Graph as .json, or the list of the admin centre as .csv",
    nested: None,
};

/// Reads an export of devices.
pub(crate) fn read(export: ExportText<'_>) -> Result<Export, Diagnostic> {
    let mut columns: BTreeMap<String, Option<Column>> = BTreeMap::new();
    let mut rows = Vec::new();
    let more = export.each(&DEVICES, &mut |entry| {
        let mut row = ExportRow::at(entry.place);
        let mut twins = Vec::new();
        for value in &entry.values {
            let column = match columns.get(value.title.as_ref()) {
                Some(known) => *known,
                None => *columns.entry(value.title.to_string()).or_insert_with(|| Column::of(&value.title)),
            };
            match column {
                Some(column) if column.is_localised => twins.push((column, value)),
                Some(column) => row.keep(column, &value.value, value.place),
                None => {}
            }
        }
        for (column, value) in twins {
            row.keep(column, &value.value, value.place);
        }
        rows.push(row);
    })?;
    Ok(Export { rows, more })
}

/// An export as CSV with the fields of the fleet only: read again, it holds the same.
pub(crate) fn write(export: &Export) -> String {
    let given =
        |field: &DeviceField| *field == DeviceField::Id || export.rows.iter().any(|row| row.get(*field).is_some());
    let fields: Vec<DeviceField> = DeviceField::VARIANTS.iter().copied().filter(given).collect();
    let titles: Vec<&str> = fields.iter().map(|field| field.title()).collect();
    let cells = |row| fields.iter().map(|field| ExportRow::get(row, *field).map_or("", |spot| spot.value)).collect();
    export_csv::write(&titles, export.rows.iter().map(cells))
}
