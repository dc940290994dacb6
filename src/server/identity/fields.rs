//! The parameters of a request to the authority, from a query or a form, each at most once. Must not be shown or
//! logged: a secret may be among them.

use super::denial::Denial;

/// Parameters of a request, at most; the libraries send about twenty.
const FIELDS_MAX: usize = 64;

/// The parameters of a request. An empty one counts as missing.
#[derive(Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `name=value&…`.
    ///
    /// # Errors
    /// [`Denial::Twice`], or [`Denial::Malformed`] if there are too many.
    pub fn parse(text: &[u8]) -> Result<Self, Denial> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(text) {
            if fields.len() == FIELDS_MAX {
                return Err(Denial::Malformed("it has too many parameters"));
            }
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(Denial::Twice(Denial::shown(&name)));
            }
            fields.push((name.into_owned(), value.into_owned()));
        }
        fields.retain(|(_, value)| !value.is_empty());
        Ok(Self(fields))
    }

    /// A parameter, if it is present.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A required parameter.
    ///
    /// # Errors
    /// [`Denial::Missing`].
    pub fn need(&self, name: &'static str) -> Result<&str, Denial> {
        self.get(name).ok_or(Denial::Missing(name))
    }

    /// The same parameters with one of them replaced, as a query.
    pub fn query_with(&self, name: &str, value: &str) -> String {
        let others =
            self.0.iter().filter(|(known, _)| known != name).map(|(name, value)| (name.as_str(), value.as_str()));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(others).append_pair(name, value).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_parameter_is_refused_and_an_empty_one_is_missing() {
        let fields = Fields::parse(b"a=1&b=&c=x%20y+z").expect("it parses");
        assert_eq!((fields.get("a"), fields.get("b"), fields.get("c")), (Some("1"), None, Some("x y z")));
        assert_eq!(fields.need("b"), Err(Denial::Missing("b")));
        assert_eq!(fields.query_with("a", "&"), "c=x+y+z&a=%26");
        assert!(matches!(Fields::parse(b"a=1&a=2"), Err(Denial::Twice(name)) if name == "a"));
        assert!(matches!(Fields::parse(b"a=1&a="), Err(Denial::Twice(_))));
        let many: Vec<String> = (0..100).map(|at| format!("f{at}=1")).collect();
        assert!(matches!(Fields::parse(many.join("&").as_bytes()), Err(Denial::Malformed(_))));
    }
}
