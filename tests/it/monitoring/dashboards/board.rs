//! A Grafana dashboard, as far as tests read it, and its queries as syntax trees. Must not judge them.

use std::fs;
use std::path::{Path, PathBuf};

use promql_parser::parser::{self, Expr, VectorSelector};
use serde::Deserialize;
use serde_json::Value;

/// A dashboard.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Board {
    pub(crate) title: String,
    pub(crate) uid: String,
    #[serde(rename = "schemaVersion")]
    pub(crate) schema_version: u32,
    pub(crate) id: Option<u32>,
    pub(crate) panels: Vec<Panel>,
    pub(crate) templating: List<Variable>,
    pub(crate) annotations: List<Annotation>,
}

/// Grafana's wrapper of lists.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct List<T> {
    pub(crate) list: Vec<T>,
}

/// A panel.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Panel {
    pub(crate) id: u32,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) datasource: Source,
    #[serde(rename = "gridPos")]
    pub(crate) place: Place,
    #[serde(rename = "fieldConfig")]
    pub(crate) fields: Fields,
    #[serde(default)]
    pub(crate) targets: Vec<Target>,
}

/// The position of a panel, in 24ths of the width.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Place {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) w: u32,
    pub(crate) h: u32,
}

/// How values are shown.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Fields {
    pub(crate) defaults: Defaults,
}

/// How values are shown unless they are overridden.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Defaults {
    #[serde(default)]
    pub(crate) unit: String,
}

/// Where data comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Source {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) uid: String,
}

/// A query of a panel.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) datasource: Source,
    pub(crate) expr: String,
    #[serde(rename = "legendFormat")]
    pub(crate) legend: String,
    pub(crate) instant: bool,
    pub(crate) range: bool,
}

/// A variable of the dashboard.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Variable {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) label: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) query: Value,
    pub(crate) datasource: Option<Source>,
    pub(crate) refresh: u32,
    #[serde(default)]
    pub(crate) multi: bool,
    #[serde(rename = "allValue", default)]
    pub(crate) all: String,
}

/// Marks on the axis of time.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Annotation {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) expr: String,
    #[serde(rename = "builtIn", default)]
    pub(crate) built_in: u32,
    pub(crate) datasource: Source,
}

pub(crate) fn config(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(path)
}

/// The two dashboards, as they are committed.
pub(crate) fn texts() -> [String; 2] {
    ["delivery", "engine"].map(|name| {
        let path = config(&format!("grafana/dashboards/{name}.json"));
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    })
}

pub(crate) fn board(text: &str) -> Board {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("a dashboard is JSON of Grafana's shape: {error}"))
}

/// The query as Grafana sends it with every variable set to all and this rate interval.
pub(crate) fn asked(expr: &str, rate_interval: &str) -> String {
    expr.replace("$__rate_interval", rate_interval).replace("$job", ".+").replace("$instance", ".+")
}

/// Replaces the rate interval; no query contains this length itself.
const RATE_INTERVAL: &str = "7m7s";

/// A query as a tree.
pub(crate) fn tree(expr: &str) -> Result<Expr, String> {
    parser::parse(&asked(expr, RATE_INTERVAL))
}

/// A series in a query: its selector, its range if it has one, and the function applied to it.
#[derive(Debug)]
pub(crate) struct Selected {
    pub(crate) selector: VectorSelector,
    pub(crate) has_range: bool,
    pub(crate) has_rate_interval: bool,
    pub(crate) function: Option<String>,
}

impl Selected {
    pub(crate) fn name(&self) -> &str {
        self.selector.name.as_deref().unwrap_or("")
    }

    /// Does the matcher `label=~"…"` accept the value, after [`asked`]?
    pub(crate) fn matches(&self, label: &str, value: &str) -> bool {
        let found = self.selector.matchers.matchers.iter();
        found.into_iter().any(|matcher| {
            matcher.name == label
                && matcher.value == value
                && matches!(matcher.op, promql_parser::label::MatchOp::Re(_))
        })
    }
}

/// Every series in a query.
pub(crate) fn selected(expr: &Expr) -> Vec<Selected> {
    let mut found = Vec::new();
    walk(expr, None, &mut found);
    found
}

fn walk(expr: &Expr, function: Option<&str>, found: &mut Vec<Selected>) {
    match expr {
        Expr::Aggregate(aggregate) => walk(&aggregate.expr, None, found),
        Expr::Unary(unary) => walk(&unary.expr, None, found),
        Expr::Binary(binary) => {
            walk(&binary.lhs, None, found);
            walk(&binary.rhs, None, found);
        }
        Expr::Paren(paren) => walk(&paren.expr, function, found),
        Expr::Subquery(subquery) => walk(&subquery.expr, function, found),
        Expr::Call(call) => call.args.args.iter().for_each(|arg| walk(arg, Some(call.func.name), found)),
        Expr::VectorSelector(selector) => found.push(Selected {
            selector: selector.clone(),
            has_range: false,
            has_rate_interval: false,
            function: function.map(str::to_owned),
        }),
        Expr::MatrixSelector(matrix) => found.push(Selected {
            selector: matrix.vs.clone(),
            has_range: true,
            has_rate_interval: matrix.range.as_secs() == 7 * 60 + 7,
            function: function.map(str::to_owned),
        }),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}
