//! A device's values in an export beyond those of the model. For display only: no decision may read them.

use std::sync::Arc;

/// Separates values in a row; no value contains it.
const SEPARATOR: char = '\0';

/// The values of one device, by the name of their Graph property. Devices of one export share the names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    properties: Arc<[&'static str]>,
    values: Box<str>,
}

impl Reported {
    /// The values of these properties, in their order; an empty value counts as absent.
    pub fn new<'v>(properties: &Arc<[&'static str]>, values: impl IntoIterator<Item = &'v str>) -> Self {
        let mut row = String::new();
        for (at, value) in values.into_iter().enumerate() {
            if at > 0 {
                row.push(SEPARATOR);
            }
            row.extend(value.chars().filter(|c| *c != SEPARATOR));
        }
        Self { properties: Arc::clone(properties), values: row.into() }
    }

    /// The value of a property, spelled as Graph does.
    pub fn get(&self, property: &str) -> Option<&str> {
        let at = self.properties.iter().position(|known| *known == property)?;
        self.values.split(SEPARATOR).nth(at).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_property() {
        let properties: Arc<[&'static str]> = Arc::from(["deviceName", "imei", "model"]);
        let reported = Reported::new(&properties, ["Ann's\0 phone", "", "Pixel"]);
        assert_eq!(reported.get("deviceName"), Some("Ann's phone"));
        assert_eq!(reported.get("imei"), None);
        assert_eq!(reported.get("model"), Some("Pixel"));
        assert_eq!(reported.get("serialNumber"), None);
    }
}
